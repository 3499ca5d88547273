"""A finding stands where what it is about was written, whoever reads it and in whichever file."""

import textwrap
from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

# Long enough that no line of a helper is one of the flow.
HELPERS = (
    "\n" * 40
    + """\
def once(calls):
    seen = {}
    for call in calls:
        seen.setdefault(id(call), call)
    return list(seen.values())


def by_name(calls):
    seen = {}
    for call in calls:
        seen[str(len(seen))] = call
    return list(seen.values())


def kept(calls, call):
    calls.append(call)
    return call


def used(call):
    return call + 1


def told(calls):
    return [f"{call}" for call in calls]


def handed_on(calls):
    yield from calls


def later(call):
    def inner():
        return call + 1

    return inner


def given(call, then=lambda call: call + 1):
    return then(call)


class Box:
    def __init__(self, call):
        self.call = call

    @property
    def following(self):
        return self.call + 1

    def is_full(self):
        if self.call:
            return True


def batches(names):
    yield list(set(names))


def remembered(names):
    order = list(set(names))

    def inner():
        return order

    return inner


def is_long(names):
    for name in names():
        if len(name) > 3:
            return name


in_order = lambda names: list(set(names))
"""
)
FLOW = """\
import asyncio
import durable_async as da
import helpers


@da.activity
async def act(n: int) -> int: ...


async def maker(n: int):
    return act(n)


@da.orchestrator
async def flow(n: int, names: list[str]) -> int:
"""


def _found(analyse: Analyse, body: str) -> list[str]:
    """What is found: the text that is underlined, the function that holds it, and its file."""
    flow = FLOW + textwrap.indent(body, "    ") + "\n    return 1\n"
    texts = {"flow.py": flow, "helpers.py": HELPERS}
    told = []
    for finding in analyse(texts).findings:
        name = finding.path.rpartition("/")[2]
        span = finding.span
        assert span.line == span.end_line
        line = texts[name].split("\n")[span.line - 1]
        told.append(f"{line[span.column - 1 : span.end_column - 1]} {finding.function} {name}")
    return told


@pytest.mark.parametrize(
    "body",
    [
        "calls = [act(i) for i in range(n)]\nawait asyncio.gather(*helpers.once(calls))",
        "calls = [act(i) for i in range(n)]\nawait asyncio.gather(*helpers.by_name(calls))",
        "calls = []\nhelpers.kept(calls, act(n))\nawait asyncio.gather(*calls)",
        "calls = []\nlast = helpers.kept(calls, act(n))\nawait asyncio.gather(*calls)",
        "calls = {}\ncalls.setdefault(n, act(n))\nawait calls[n]",
        "calls = {}\nlast = calls.setdefault(n, act(n))\nawait calls[n]",
        "(call := act(n))\nawait call",
        "for call in helpers.handed_on([act(n)]):\n    await call",
        "await (await maker(n))",
    ],
)
def test_a_call_that_is_passed_on_and_awaited_is_not_lost(analyse: Analyse, body: str) -> None:
    assert _found(analyse, body) == []


@pytest.mark.parametrize(
    "body",
    [
        "helpers.used(act(n))",
        "helpers.told([act(n)])",
        "helpers.later(act(n))()",
        "helpers.given(act(n))",
        "helpers.Box(act(n)).following",
        "helpers.Box(act(n)).is_full()",
        "for call in helpers.handed_on([act(n)]):\n    call + 1",
    ],
)
def test_a_call_that_another_file_uses_as_its_result_is_reported_where_it_is_made(
    analyse: Analyse, body: str
) -> None:
    assert _found(analyse, body) == ["act(n) flow flow.py"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("act(n)", "act(n)"),
        ("act(n) if n else None", "act(n)"),
        ("n or act(n)", "act(n)"),
        ("unused = [act(n)]", "act(n)"),
        ("unused = [act(i) for i in range(n)]", "act(i)"),
        ("await maker(n)", "maker(n)"),
        ("unused = await maker(n)", "maker(n)"),
    ],
)
def test_a_call_that_nobody_has_afterwards_is_lost(analyse: Analyse, body: str, text: str) -> None:
    assert _found(analyse, body) == [f"{text} flow flow.py"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("for batch in helpers.batches(names):\n    return batch", "batches helpers.py"),
        (
            "for batch in helpers.batches(names):\n    for name in batch:\n        await act(name)",
            "batches helpers.py",
        ),
        ("return helpers.remembered(names)()", "remembered helpers.py"),
        ("for name in helpers.remembered(names)(): await act(1)", "remembered helpers.py"),
        ("return helpers.in_order(names)", "<lambda> helpers.py"),
        ("helpers.is_long(lambda: list(set(names)))", "flow.<locals>.<lambda> flow.py"),
    ],
)
def test_an_order_is_reported_where_it_was_taken(analyse: Analyse, body: str, place: str) -> None:
    assert _found(analyse, body) == [f"set(names) {place}"]


def test_what_another_file_made_at_import_is_reported_where_it_is_used(analyse: Analyse) -> None:
    names = 'NAMES = list({"a", "b"})\n'
    flow = FLOW + "    for name in helpers.NAMES: await act(1)\n    return 1\n"
    (finding,) = analyse({"flow.py": flow, "helpers.py": "\n" * 40 + names}).findings
    assert (finding.path, finding.function) == ("/project/flow.py", "flow")


def test_the_chain_leads_to_the_function_that_made_what_is_lost(analyse: Analyse) -> None:
    (finding,) = analyse(
        {
            "flow.py": FLOW + "    prepared(n)\n    return 1\n\n\n"
            "def prepared(n):\n    helpers.used(act(n))\n",
            "helpers.py": HELPERS,
        }
    ).findings
    assert (finding.path, finding.function) == ("/project/flow.py", "prepared")
    assert [(step.function, step.line) for step in finding.via] == [("flow", 16)]
    # It cannot be awaited there; had the orchestrator lost it, `await` would mend it.
    assert not finding.fixable
