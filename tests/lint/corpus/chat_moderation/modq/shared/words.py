import re
from functools import lru_cache
from pathlib import Path

_LIST = re.compile(r"\b(spam|scam|crypto giveaway)\b", re.I)


def flagged(text):
    return {match.group(0).lower() for match in _LIST.finditer(text)}


def worst(text):
    for word in flagged(text):  # expect: DUR134
        if len(word) > 4:
            return word
    return None


def ranked(text):
    found = flagged(text)
    found = sorted(found)
    return [word for word in found if word]


def once_each(texts):
    return list(dict.fromkeys(texts))


def once_each_flagged(texts):
    every = set().union(*map(flagged, texts))
    return dict.fromkeys(every, 0)  # expect: DUR134


@lru_cache
def from_disk(name):
    return Path(name).read_text().split()
