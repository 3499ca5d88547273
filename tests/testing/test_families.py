"""Several instances in one environment: children, stand-ins, questions, crashes, releases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from unittest.mock import AsyncMock, Mock

import attrs
import pytest

import durable_async as da
from durable_async.testing import environment

START = datetime(2026, 1, 1, tzinfo=UTC)


@da.activity
async def weigh(order_id: str) -> int:
    raise ConnectionError("the scales are not here")


@da.orchestrator
async def ship(order_id: str, parcels: int) -> list[str]:
    weight = await weigh(order_id)
    return [f"{order_id}/{number}/{weight}" for number in range(parcels)]


@da.orchestrator
async def checkout(order_id: str) -> list[str]:
    await asyncio.sleep(3_600)
    return await ship(order_id, 2)


@da.entity
@attrs.define
class Stock:
    left: int = 0

    def take(self, count: int) -> int:
        self.left -= count
        return self.left


@da.orchestrator
async def reserve(count: int) -> int:
    return await da.entity_ref(Stock, "apples").call(Stock.take, count)


# ---- stand-ins -----------------------------------------------------------------------------


async def test_a_function_stands_for_a_child_and_runs_as_one() -> None:
    async def quick(order_id: str, parcels: int) -> list[str]:
        await asyncio.sleep(7_200)  # durable, as in any orchestrator
        return [f"{order_id} x {parcels}"]

    async with environment([checkout, ship, weigh], start_time=START) as env:
        env.replace(ship, quick)
        handle = await env.client.start(checkout("o-1"))
        assert await handle.result() == ["o-1 x 2"]
        assert env.now() == START + timedelta(hours=3)


@pytest.mark.parametrize("mock", [Mock, AsyncMock])
async def test_a_mock_stands_for_a_child(mock: type[Mock]) -> None:
    fake = mock(return_value=["shipped"])
    async with environment([checkout, ship, weigh]) as env:
        env.replace(ship, fake)
        assert await (await env.client.start(checkout("o-1"))).result() == ["shipped"]
    fake.assert_called_with("o-1", 2)


async def test_what_stands_for_a_child_keeps_to_its_hints() -> None:
    async with environment([checkout, ship, weigh]) as env:
        env.replace(ship, lambda order_id, parcels: [parcels])
        with pytest.raises(da.SerializationError, match="ship"):
            await (await env.client.start(checkout("o-1"))).result()


async def test_an_orchestrator_stands_for_another() -> None:
    @da.orchestrator
    async def other(order_id: str, parcels: int) -> list[str]:
        return [order_id] * parcels

    async with environment([checkout, ship, weigh]) as env:
        env.replace(ship, other)
        assert await (await env.client.start(checkout("o-1"))).result() == ["o-1", "o-1"]


async def test_an_entity_stands_for_another() -> None:
    @da.entity
    @attrs.define
    class Plenty:
        def take(self, count: int) -> int:
            return 1_000

    async with environment([reserve, Stock]) as env:
        env.replace(Stock, Plenty)
        assert await (await env.client.start(reserve(1))).result() == 1_000


async def test_what_is_no_entity_cannot_stand_for_one() -> None:
    async with environment([reserve, Stock]) as env:
        with pytest.raises(TypeError, match="Stock is an entity"):
            env.replace(Stock, Mock())


async def test_stand_ins_stay_when_a_release_is_deployed() -> None:
    async with environment([checkout, ship, weigh]) as env:
        env.replace(ship, lambda order_id, parcels: ["stand-in"])
        await env.deploy([checkout, ship])
        assert await (await env.client.start(checkout("o-1"))).result() == ["stand-in"]


# ---- time, crashes, questions --------------------------------------------------------------


@da.orchestrator
async def sleepers(count: int) -> list[float]:
    return list(await asyncio.gather(*(sleeper(number) for number in range(count))))


@da.orchestrator
async def sleeper(hours: float) -> float:
    await asyncio.sleep(hours * 3_600)
    return hours


@pytest.mark.parametrize("settings", [{}, {"rebuild": True}, {"crash": "every-commit"}], ids=str)
async def test_time_skips_through_the_timers_of_children(settings: dict[str, object]) -> None:
    async with environment([sleepers, sleeper], start_time=START, **settings) as env:
        assert await (await env.client.start(sleepers(5))).result() == [0, 1, 2, 3, 4]
        assert env.now() == START + timedelta(hours=4)


async def test_after_a_crash_parent_and_children_go_on() -> None:
    async with environment([sleepers, sleeper], start_time=START) as env:
        handle = await env.client.start(sleepers(3))
        await env.advance(3_600)
        await env.crash()
        assert await handle.result() == [0, 1, 2]


@da.orchestrator
async def answerer() -> None:
    async for request in da.requests("when"):
        await asyncio.sleep(60)
        request.reply(da.now())


async def test_time_skips_while_somebody_asks() -> None:
    async with environment([answerer], start_time=START) as env:
        handle = await env.client.start(answerer())
        assert await handle.ask("when", None, datetime) == START + timedelta(minutes=1)
        assert await handle.ask("when", None, datetime) == START + timedelta(minutes=2)


async def test_asking_one_that_is_stuck_is_an_error() -> None:
    @da.orchestrator
    async def stuck() -> None:
        await asyncio.get_running_loop().create_future()

    async with environment([stuck]) as env:
        handle = await env.client.start(stuck())
        with pytest.raises(da.DeadlockError):
            await handle.ask("anything")


async def test_what_is_suspended_is_waited_for_and_goes_on_when_it_is_resumed() -> None:
    async with environment([sleeper], start_time=START) as env:
        handle = await env.client.start(sleeper(1))
        await env.advance(60)
        await handle.suspend("a break")
        await env.advance(7_200)
        assert (await handle.state()).status is da.RuntimeStatus.SUSPENDED
        result = asyncio.ensure_future(handle.result())
        await asyncio.sleep(0)
        await handle.resume()
        assert await result == 1


async def test_a_blocked_child_is_told_to_who_awaits_its_parent() -> None:
    @da.orchestrator(name="child")
    async def child() -> None:
        await asyncio.sleep(3_600)

    @da.orchestrator(name="child")
    async def changed() -> None:
        await da.wait_for_event("other")

    @da.orchestrator
    async def parent() -> None:
        await child()

    async with environment([parent, child]) as env:
        handle = await env.client.start(parent())
        await env.advance(60)
        await env.deploy([parent, changed])
        with pytest.raises(da.NonDeterminismError):
            await handle.result()
        await env.deploy([parent, child])
        await handle.result()


async def test_what_is_sent_off_may_be_for_nobody_here() -> None:
    @da.orchestrator
    async def stranger() -> None: ...

    @da.orchestrator
    async def sender() -> str:
        await da.start(stranger())
        da.entity_ref(Stock, "apples").signal(Stock.take, 1)
        await asyncio.sleep(60)
        return "sent"

    async with environment([sender]) as env:
        assert await (await env.client.start(sender())).result() == "sent"


async def test_an_entity_that_is_not_here_is_told_to_who_calls_it() -> None:
    async with environment([reserve]) as env:
        handle = await env.client.start(reserve(1))
        with pytest.raises(da.NotRegisteredError, match=r"entity 'Stock'.*test_families\.py:\d+"):
            await handle.result()
        await env.deploy([reserve, Stock])
        assert await handle.result() == -1
