"""What a function holds of the one that made it is state, if it was made at import."""

import textwrap
from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

HEAD = """\
import functools
import durable_async as da


def memoize(function):
    cache = {}

    @functools.wraps(function)
    def inner(n):
        if n not in cache:
            cache[n] = function(n)
        return cache[n]

    return inner


def counter():
    n = 0

    def step():
        nonlocal n
        n += 1
        return n

    return step


class Counted:
    def __init__(self, function):
        self.function, self.calls = function, 0

    def __call__(self, n):
        self.calls += 1
        return self.function(n)


@memoize
def square(n):
    return n * n


@Counted
def cube(n):
    return n * n * n


next_number = counter()


@da.orchestrator
async def flow(n: int) -> int:
"""


def _marked(analyse: Analyse, line: str) -> list[str]:
    text = f"{textwrap.dedent(HEAD)}    {line}\n    return n\n"
    lines = text.split("\n")
    return [lines[f.span.line - 1].strip() for f in analyse(text).findings if f.code == "DUR141"]


@pytest.mark.parametrize(
    ("call", "place"),
    [
        ("square(n)", "cache[n] = function(n)"),
        ("next_number()", "n += 1"),
        ("cube(n)", "cube(n)"),
    ],
)
def test_what_is_made_at_import_keeps_its_variables(
    analyse: Analyse, call: str, place: str
) -> None:
    assert _marked(analyse, call) == [place]


def test_what_reached_code_makes_for_itself_keeps_nothing(analyse: Analyse) -> None:
    assert _marked(analyse, "memoize(len)(n); counter()(); Counted(abs)(n)") == []


FIELD = """\
import time
from dataclasses import dataclass, field
import durable_async as da


def wall():
    return time.time()


def still():
    return 0.0


@dataclass
class Plan:
    name: str
    clock: object = {default}


@da.orchestrator
async def flow(n: int) -> None:
    Plan("practice", clock=still)
    Plan("real").clock()
"""


@pytest.mark.parametrize("default", ["wall", "field(default=wall, repr=False)"])
def test_a_field_may_hold_its_default_beside_what_it_was_given(
    analyse: Analyse, default: str
) -> None:
    found = analyse(FIELD.format(default=default)).findings
    assert [(f.code, f.span.line) for f in found] == [("DUR101", 7)]
