"""Letters from templates; and names that nobody has yet."""

import importlib.resources
import itertools
import string
import sys
import time
import typing
import warnings

_numbers = itertools.count(1)


def letter(template: str, fields: dict[str, str]) -> str:
    text = importlib.resources.read_text("people.templates", template)
    return string.Template(text).safe_substitute(fields)


def login_for(given: str, family: str, taken: typing.AbstractSet[str]) -> str:
    base = (given[:1] + family).lower()
    if base not in taken:
        return base
    warnings.warn(f"{base} is taken", stacklevel=2)
    for number in range(2, 100):
        if f"{base}{number}" not in taken:
            return f"{base}{number}"
    return f"{base}{next(_numbers)}"  # expect: DUR141


def badge_stamp() -> str:
    return time.strftime("%Y%j")  # expect: DUR101


def badge_day(seconds: float) -> str:
    return time.strftime("%Y%j", time.gmtime(seconds))


def echo(text: str) -> None:
    sys.stdout.write(text + "\n")  # expect: DUR143


def interpreter() -> str:
    return sys.executable  # expect: DUR125


def banner(width: int = 40) -> str:
    return "=" * width
