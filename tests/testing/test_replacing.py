"""Activities of a test environment, and what stands for them."""

import asyncio
import threading
from datetime import UTC, datetime
from typing import Any
from unittest.mock import AsyncMock, Mock

import attrs
import pytest

from durable_async.dsl.decorators import activity, orchestrator
from durable_async.dsl.durables import now
from durable_async.testing import environment

START = datetime(2026, 1, 1, tzinfo=UTC)


@activity
async def double(number: int) -> int:
    return 2 * number


@activity
def double_in_thread(number: int) -> int:
    assert threading.current_thread() is not threading.main_thread()
    return 2 * number


@orchestrator
async def nap(seconds: float) -> datetime:
    await asyncio.sleep(seconds)
    return now()


@orchestrator
async def double_all(numbers: list[int]) -> list[int]:
    return list(await asyncio.gather(*(double(number) for number in numbers)))


# ---- activities and fakes ------------------------------------------------------------------


async def test_activities_run_on_the_loop_of_the_test() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    @activity
    async def note() -> None:
        loops.append(asyncio.get_running_loop())

    @orchestrator
    async def flow() -> None:
        await note()

    async with environment([flow, note]) as env:
        await (await env.client.start(flow())).result()
    assert loops == [asyncio.get_running_loop()]


async def test_plain_functions_run_in_threads() -> None:
    @orchestrator
    async def flow() -> list[int]:
        return list(await asyncio.gather(*(double_in_thread(n) for n in range(20))))

    async with environment([flow, double_in_thread]) as env:
        handle = await env.client.start(flow())
        assert await handle.result() == [2 * n for n in range(20)]


async def test_every_queue_is_served() -> None:
    @orchestrator
    async def flow() -> int:
        return await double.options(queue="gpu")(21)

    async with environment([flow, double]) as env:
        assert await (await env.client.start(flow())).result() == 42


async def async_fake(number: int) -> int:
    return -number


@activity
async def activity_fake(number: int) -> int:
    return -number


@activity
def thread_fake(number: int) -> int:
    return -number


@pytest.mark.parametrize(
    "fake",
    [
        async_fake,
        lambda number: -number,
        activity_fake,
        thread_fake,
        AsyncMock(side_effect=async_fake),
        Mock(side_effect=lambda number: -number),
    ],
    ids=["async", "lambda", "activity", "thread activity", "AsyncMock", "Mock"],
)
async def test_an_activity_can_be_replaced_by_anything_that_can_be_called(fake: Any) -> None:
    async with environment([double_all, double]) as env:
        env.replace(double, fake)
        handle = await env.client.start(double_all([1, 2]))
        assert await handle.result() == [-1, -2]


async def test_a_thread_activity_can_be_replaced() -> None:
    threads: list[threading.Thread] = []

    def fake(number: int) -> int:
        threads.append(threading.current_thread())
        return -number

    @orchestrator
    async def flow() -> int:
        return await double_in_thread(1)

    async with environment([flow, double_in_thread]) as env:
        env.replace(double_in_thread, fake)
        assert await (await env.client.start(flow())).result() == -1
        env.replace(double_in_thread, async_fake)
        assert await (await env.client.start(flow())).result() == -1
    assert threads[0] is not threading.main_thread()


@attrs.define
class Payments:
    rate: int

    @activity
    async def charge(self, cents: int) -> int:
        return self.rate * cents


async def test_a_method_is_replaced_by_a_function_without_self() -> None:
    @orchestrator
    async def flow() -> int:
        return await Payments.charge(10)

    async with environment([flow, Payments(rate=3)]) as env:
        assert await (await env.client.start(flow())).result() == 30
        env.replace(Payments.charge, lambda cents: cents + 1)
        assert await (await env.client.start(flow())).result() == 11
        env.replace(Payments.charge, Payments(rate=5).charge)
        assert await (await env.client.start(flow())).result() == 50


@attrs.frozen
class Order:
    id: str
    lines: tuple[int, ...]


async def test_a_fake_is_given_what_the_hints_of_the_original_say() -> None:
    given: list[Any] = []

    @activity
    async def ship(order: Order) -> tuple[int, ...]:
        return order.lines

    @orchestrator
    async def flow() -> tuple[int, ...]:
        return await ship(Order("o-1", (1, 2)))

    def fake(order: Any) -> Any:
        given.append(order)
        return (3, 4)

    async with environment([flow, ship]) as env:
        env.replace(ship, fake)
        assert await (await env.client.start(flow())).result() == (3, 4)
    assert given == [Order("o-1", (1, 2))]


async def test_what_a_fake_raises_reaches_the_orchestrator() -> None:
    async with environment([double_all, double]) as env:
        env.replace(double, Mock(side_effect=LookupError("no such number")))
        handle = await env.client.start(double_all([1]))
        with pytest.raises(LookupError, match="no such number"):
            await handle.result()


async def test_only_a_definition_of_the_environment_can_be_replaced() -> None:
    @activity
    async def stranger() -> None: ...

    async with environment([double_all, double]) as env:
        with pytest.raises(LookupError, match=r"stranger.*has double"):
            env.replace(stranger, lambda: None)
        with pytest.raises(LookupError, match=r"nap.*has double_all"):
            env.replace(nap, lambda seconds: None)
        with pytest.raises(TypeError, match="cannot stand for it"):
            env.replace(double, 3)
        with pytest.raises(TypeError, match="cannot stand for it"):
            env.replace(double, double_all)
        with pytest.raises(TypeError, match="not <function async_fake"):
            env.replace(async_fake, lambda number: number)
