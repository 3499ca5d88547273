"""Questions ("requests") that a claim's text may raise."""
import re

_WORDS = re.compile("again|third time|cash", re.I)


def get(text):
    return _WORDS.search(text) is not None


def post(text):
    raise NotImplementedError
