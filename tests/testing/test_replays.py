"""Replaying recorded histories on other code."""

import asyncio
from typing import Any

import pytest

from durable_async.dsl.decorators import activity, orchestrator
from durable_async.dsl.durables import side_effect, wait_for_event
from durable_async.errors import NonDeterminismError, NotRegisteredError
from durable_async.model.history import EpisodeStarted, ExecutionStarted, HistoryEvent
from durable_async.testing import environment, replay


@activity
async def charge(order_id: str, cents: int) -> str:
    return f"{order_id}/{cents}"


@activity
async def refund(order_id: str, cents: int) -> str:
    return f"{order_id}/-{cents}"


@orchestrator(name="checkout")
async def recorded(order_id: str) -> list[str]:
    first = await charge(order_id, 100)
    await asyncio.sleep(3_600)
    approval = await wait_for_event("approved", str)
    return [first, approval]


async def history_of(*, ended: bool = True) -> list[HistoryEvent]:
    async with environment([recorded, charge]) as env:
        handle = await env.client.start(recorded("o-1"))
        await env.advance(7_200)
        if ended:
            await handle.raise_event("approved", "yes")
            await handle.result()
        return await handle.history()


@pytest.mark.parametrize("ended", [True, False])
async def test_code_that_has_not_changed_passes(ended: bool) -> None:
    replay(await history_of(ended=ended), [recorded, charge])


async def test_code_that_asks_for_the_same_passes() -> None:
    @orchestrator(name="checkout")
    async def rewritten(order_id: str) -> list[str]:
        async def first() -> str:
            return await charge(order_id, 10 * 10)

        results = await asyncio.gather(first())
        async with asyncio.timeout(None):
            await asyncio.sleep(60 * 60)
        return [*results, await wait_for_event("approved", str)]

    replay(await history_of(), [rewritten])


async def test_another_activity_is_named_with_both_lines() -> None:
    @orchestrator(name="checkout")
    async def changed(order_id: str) -> list[str]:
        return [await refund(order_id, 100)]

    with pytest.raises(NonDeterminismError) as caught:
        replay(await history_of(), [changed])
    message = str(caught.value)
    assert "'charge'" in message and "'refund'" in message
    assert message.count("test_replays.py:") == 2


async def test_other_arguments_are_found() -> None:
    @orchestrator(name="checkout")
    async def changed(order_id: str) -> list[str]:
        first = await charge(order_id, 101)
        await asyncio.sleep(3_600)
        return [first, await wait_for_event("approved", str)]

    with pytest.raises(NonDeterminismError, match="other arguments"):
        replay(await history_of(), [changed])


async def test_a_step_left_out_is_found() -> None:
    @orchestrator(name="checkout")
    async def changed(order_id: str) -> list[str]:
        first = await charge(order_id, 100)
        return [first, await wait_for_event("approved", str)]

    with pytest.raises(NonDeterminismError, match="a timer"):
        replay(await history_of(), [changed])


async def test_replaying_runs_no_activity_and_no_side_effect() -> None:
    effects: list[str] = []

    def roll() -> int:
        effects.append("rolled")
        return 4

    @activity
    async def note(number: int) -> int:
        effects.append("noted")
        return number

    @orchestrator
    async def flow() -> int:
        return await note(side_effect(roll))

    async with environment([flow, note]) as env:
        handle = await env.client.start(flow())
        assert await handle.result() == 4
        history = await handle.history()
    replay(history, [flow, note])
    begun = [event for event in history if isinstance(event, ExecutionStarted)]
    replay(begun, [flow, note])
    assert effects == ["rolled", "noted"]


async def test_the_orchestrator_must_be_there() -> None:
    history = await history_of()
    with pytest.raises(NotRegisteredError, match="'checkout'"):
        replay(history, [charge])


@pytest.mark.parametrize("history", [[], [EpisodeStarted]])
async def test_what_is_no_history_is_refused(history: Any) -> None:
    with pytest.raises(ValueError, match="begins with ExecutionStarted"):
        replay(history, [recorded])
