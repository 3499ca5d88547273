"""Who calls something that never returns has left: a handler that ends so keeps no cancellation."""

import textwrap
from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

HEAD = """\
import asyncio, sys
from typing import Never, NoReturn
import anyio
import durable_async as da


@da.activity
async def charge(cents: int) -> int: ...


class Failed(Exception): ...


def fail(reason: str) -> NoReturn:
    raise Failed(reason)


def bare(reason):
    if reason:
        raise Failed(reason)
    else:
        raise Failed("none")


def sometimes(reason):
    if reason:
        raise Failed(reason)


class Flow:
    async def fail(self) -> "Never":
        await charge(1)
        raise Failed("flow")

    def stub(self):
        raise NotImplementedError


@da.orchestrator
async def flow(cents: int) -> int:
    me = Flow()
    try:
        await charge(cents)
"""


def _kept(analyse: Analyse, caught: str, body: str) -> bool:
    text = f"{HEAD}    except {caught}:\n{textwrap.indent(body, ' ' * 8)}\n    return 1\n"
    codes = [finding.code for finding in analyse(text).findings if finding.code == "DUR135"]
    assert len(codes) <= 1
    return bool(codes)


@pytest.mark.parametrize("body", ["fail('x')", "bare('x')", "await me.fail()", "sys.exit(1)"])
def test_a_handler_that_ends_in_what_never_returns_keeps_nothing(
    analyse: Analyse, body: str
) -> None:
    assert not _kept(analyse, "asyncio.CancelledError", body)


@pytest.mark.parametrize("body", ["sometimes('x')", "me.stub()", "pass", "if cents: fail('x')"])
def test_a_handler_that_may_go_on_keeps_the_cancellation(analyse: Analyse, body: str) -> None:
    assert _kept(analyse, "asyncio.CancelledError", body)


def test_what_anyio_calls_a_cancellation_is_one(analyse: Analyse) -> None:
    assert _kept(analyse, "anyio.get_cancelled_exc_class()", "pass")
    assert not _kept(analyse, "anyio.get_cancelled_exc_class()", "raise")
