"""State has more than one way in: a function's attributes, `globals()`, and what a proxy holds."""

from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

FLOW = """\
import asyncio, contextlib, functools, time
import durable_async as da

COUNT, FOREVER = 0, True


@da.activity
async def charge(cents: int) -> int: ...


{body}


@da.orchestrator
async def flow(cents: int) -> int:
    {calls}
    return 1
"""


def _found(analyse: Analyse, body: str, calls: str) -> list[tuple[str, int]]:
    text = FLOW.format(body=body, calls=calls)
    shift = text[: text.index(body)].count("\n")
    return [(finding.code, finding.span.line - shift) for finding in analyse(text).findings]


def test_an_attribute_of_a_function_is_state(analyse: Analyse) -> None:
    body = "def bump():\n    bump.calls = 1\n    return bump.calls\n\nbump.limit = 3"
    assert _found(analyse, body, "bump()") == [("DUR141", 2), ("DUR141", 3)]
    assert _found(analyse, body, "bump.limit") == []
    within = "def outer():\n    def inner(): ...\n    inner.calls = 1\n    return inner.calls"
    assert _found(analyse, within, "outer()") == []


def test_who_writes_into_globals_binds_a_name_of_the_module(analyse: Analyse) -> None:
    body = "def bump():\n    globals()['COUNT'] = 3\n    return COUNT"
    assert _found(analyse, body, "bump()") == [("DUR141", 2), ("DUR141", 3)]
    assert _found(analyse, "def look():\n    return globals()['COUNT']", "look()") == []


PROXY = """\
class Clock:
    def now(self):
        return time.time()
    def zero(self):
        return 0

class Proxy:
    def __init__(self, inner):
        self._inner = inner
    def __getattr__(self, name):
        {before}
        return getattr(self._inner, name)
"""


@pytest.mark.parametrize("before", ["pass", "if name == 'x': raise AttributeError(name)"])
def test_a_proxy_does_what_it_holds_does(analyse: Analyse, before: str) -> None:
    body = PROXY.format(before=before)
    assert _found(analyse, body, "Proxy(Clock()).now()") == [("DUR101", 3)]
    assert _found(analyse, body, "Proxy(Clock()).zero()") == []
    assert _found(analyse, body, "Proxy(Proxy(Clock())).zero()") == []


def _loops(analyse: Analyse, calls: str) -> bool:
    codes = {code for code, _ in _found(analyse, "NOTHING = None", calls)}
    assert codes <= {"DUR151"}
    return bool(codes)


def test_a_loop_over_a_name_that_stays_true_has_no_end(analyse: Analyse) -> None:
    assert _loops(analyse, "going = True\n    while going: await charge(1)")
    assert _loops(analyse, "while FOREVER: await charge(1)")
    assert not _loops(analyse, "going = True\n    while going: going = await charge(1) > 3")
    assert not _loops(analyse, "while cents: await charge(1)")
    stopped = "going = True\n    def stop():\n        nonlocal going\n        going = False\n    "
    assert not _loops(
        analyse,
        f"{stopped}asyncio.get_running_loop().call_later(3, stop)\n"
        "    while going: await charge(1)",
    )


def test_a_stack_of_contexts_is_no_argument(analyse: Analyse) -> None:
    body = "@da.activity\nasync def go(stack: contextlib.AsyncExitStack) -> int: ..."
    assert _found(analyse, body, "pass") == [("DUR152", 2)]
