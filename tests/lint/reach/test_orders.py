"""Calling a function for each of a set takes an order if what it does can be seen outside of it."""

import textwrap
from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

HEAD = """\
import asyncio
import durable_async as da


@da.activity
async def ship(name: str) -> str:
    return name


class Notes:
    def __init__(self):
        self.lines, self.seen = [], set()

    def note(self, line):
        self._add(line)

    def _add(self, line):
        self.lines.append(line)

    def see(self, line):
        self.seen.add(line)


def collect(lines, line):
    lines.append(line)


def into(lines):
    return lambda line: lines.append(line)


def schedule(group, name):
    group.create_task(ship(name))


def count(line):
    lines = []
    collect(lines, line)
    return len(lines)


"""
ROOT = """\
@da.orchestrator
async def flow(raw: list[str]) -> list[str]:
    names, lines, notes, total = set(raw), [], Notes(), 0
    async with asyncio.TaskGroup() as group:
        for name in names:
            {body}
    {end}
    return {gives}
"""


def _found(analyse: Analyse, body: str, *, end: str = "pass", gives: str = "lines") -> bool:
    text = textwrap.dedent(HEAD) + ROOT.format(body=body, end=end, gives=gives)
    line = text[: text.index("in names:")].count("\n") + 1
    found = [f.span.line for f in analyse(text).findings if f.code == "DUR134"]
    assert found in ([], [line])
    return bool(found)


@pytest.mark.parametrize(
    "body",
    [
        "collect(lines, name)",
        "collect(line=name, lines=lines)",
        "into(lines)(name)",
        "(lambda line: lines.append(line))(name)",
        "notes.note(name)",
        "notes.lines.append(name)",
        "schedule(group, name)",
    ],
)
def test_what_a_call_adds_to_others_goes_by_the_order_of_calls(analyse: Analyse, body: str) -> None:
    assert _found(analyse, body)


@pytest.mark.parametrize(
    "body",
    [
        "notes.see(name)",
        "total += count(name)",
        "mine = Notes(); mine.note(name); total += len(mine.lines)",
        "Notes().note(name)",
        "mine = []; collect(mine, name); total += len(mine)",
    ],
)
def test_what_each_round_makes_for_itself_has_no_order_with_others(
    analyse: Analyse, body: str
) -> None:
    assert not _found(analyse, body, gives="raw")


def test_what_is_sorted_afterwards_has_no_order_of_calls(analyse: Analyse) -> None:
    assert not _found(analyse, "collect(lines, name)", gives="sorted(lines)")
    assert not _found(analyse, "notes.lines.append(name)", end="notes.lines.sort()")


def test_a_collection_that_is_handed_down_is_the_callers(analyse: Analyse) -> None:
    body = "collect(lines, name) if name else None"
    assert _found(analyse, body)
