"""Why an instance is BLOCKED, as people read it: what is made as one text is understood again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from durable_async.client.blockages import Blockage
from durable_async.convert.values import Converter
from durable_async.dsl.decorators import activity, orchestrator
from durable_async.dsl.definitions import Orchestrator
from durable_async.dsl.durables import wait_for_event
from durable_async.engines import refusals
from durable_async.lines import from_here
from durable_async.model.history import HistoryEvent
from durable_async.testing import environment
from durable_async.worker.trials import try_history


@activity
async def reserve(item: str) -> str:
    return item


@orchestrator(name="flow")
async def recorded() -> None:
    await reserve("a")
    await wait_for_event("go, but at once", str)
    await reserve("b")


@orchestrator(name="flow")
async def asks_for_another() -> None:
    await wait_for_event("stay", str)


@orchestrator(name="flow")
async def asks_for_more() -> None:
    await asyncio.gather(reserve("a"), reserve("b"))


@orchestrator(name="flow")
async def ends_early() -> None:
    await reserve("a")


@orchestrator(name="flow")
async def fails_early() -> None:
    await reserve("a")
    raise LookupError("no such order, and history says so: \n at the shop")


@orchestrator(name="flow")
async def waits_for_nothing() -> None:
    await asyncio.get_running_loop().create_future()


async def history_so_far() -> list[HistoryEvent]:
    async with environment([recorded, reserve]) as env:
        handle = await env.client.start(recorded(), id="it's (mine): a")
        await env.advance(1)
        return await handle.history()


@pytest.mark.parametrize(
    "edited", [asks_for_another, asks_for_more, ends_early, fails_early, waits_for_nothing]
)
async def test_the_parts_of_a_mismatch_are_read_from_its_text(
    edited: Orchestrator[..., Any],
) -> None:
    blocked = try_history(await history_so_far(), edited, Converter()).blocked
    assert blocked is not None and blocked.reason == "mismatch"
    found = Blockage.read(f"{blocked.reason}: {blocked.message}")
    assert (found.reason, found.asked) == ("mismatch", blocked.asked)
    assert found.recorded == (blocked.recorded or "nothing more")
    assert found.line and found.line in f"{blocked.asked} {blocked.recorded}"
    assert found.title == f"mismatch at {from_here(found.line)}"
    assert found.advice.startswith("If the code has changed, roll it back")
    assert blocked.message.endswith(found.advice)
    assert "it's (mine)" not in "\n".join(found.lines())
    titles, *_ = zip(*found.difference(), strict=True)
    assert titles == ("history says", "instead")


@pytest.mark.parametrize(
    ("text", "title", "words"),
    [
        (refusals.quarantined("a", 5), "quarantined", "5 workers in a row died"),
        (refusals.damaged("a", "x.db", "torn"), "damaged", "torn (in x.db). Other instances"),
        ("mismatch: of a kind that nobody knows yet", "mismatch", "of a kind that nobody knows"),
        ("needs a deploy", "needs a deploy", ""),
        ("words " * 50, "", "words words"),
        ("", "", ""),
    ],
)
def test_of_other_texts_nothing_is_lost(text: str, title: str, words: str) -> None:
    found = Blockage.read(text)
    assert found.title == title
    assert words in " ".join(found.lines())
    assert found.difference() == []


def test_an_explanation_fits_a_terminal() -> None:
    assert max(map(len, Blockage.read(refusals.quarantined("a", 5)).lines())) < 79
