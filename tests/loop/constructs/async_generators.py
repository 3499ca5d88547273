"""Async generators and iteration, also abandoned half-way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from tests.loop.steps import Steps, construct


@construct()
async def a_generator_that_acts(steps: Steps) -> Any:
    async def pages() -> AsyncIterator[int]:
        for number in range(4):
            yield await steps.act(number, takes=1)

    return [page async for page in pages()]


@construct()
async def a_comprehension_over_activities(steps: Steps) -> Any:
    return [await steps.act(number) for number in range(4) if number % 2]


@construct()
async def a_generator_is_left_by_break(steps: Steps) -> Any:
    async def pages() -> AsyncIterator[int]:
        try:
            for number in range(10):
                yield await steps.act(number)
        finally:
            steps.note("closed")

    async with contextlib.aclosing(pages()) as opened:
        async for page in opened:
            steps.note(page)
            if page == 3:
                break
    return "left"


@construct()
async def a_generator_is_abandoned(steps: Steps) -> Any:
    async def pages() -> AsyncIterator[int]:
        try:
            for number in range(10):
                yield await steps.act(number)
        finally:
            steps.note("closed")

    kept = pages()
    async for page in kept:
        if page == 2:
            break
    return await steps.act(page)


@construct(ordered=False)
async def an_abandoned_generator_cleans_up_durably(steps: Steps) -> Any:
    async def pages() -> AsyncIterator[int]:
        try:
            for number in range(10):
                yield await steps.act(number)
        finally:
            await asyncio.sleep(1)
            steps.note("closed", await steps.act(50))

    kept = pages()
    async for page in kept:
        if page == 2:
            break
    return await steps.act(page)


@construct(ordered=False)
async def several_generators_are_abandoned(steps: Steps) -> Any:
    async def pages(name: str) -> AsyncIterator[int]:
        try:
            for number in range(10):
                yield await steps.act(number)
        finally:
            steps.note("closed", name)
            await steps.act(1)

    opened = [pages(name) for name in "abcde"]
    firsts = [await anext(generator) for generator in opened]
    del opened
    await asyncio.sleep(5)
    return firsts


@construct(ordered=False)
async def an_abandoned_generator_out_of_reach(steps: Steps) -> Any:
    async def pages() -> AsyncIterator[int]:
        cycle: list[Any] = []
        cycle.append(cycle)
        try:
            while True:
                yield await steps.act(len(cycle))
        finally:
            steps.note("closed")

    async def read_one() -> int:
        async for page in pages():
            return page
        return 0

    values = [await read_one() for _ in range(3)]
    await asyncio.sleep(10)
    return values


@construct()
async def a_generator_is_sent_values(steps: Steps) -> Any:
    async def totals() -> Any:
        total = 0
        while True:
            amount = yield total
            total += await steps.act(amount)

    generator = totals()
    await generator.asend(None)
    sums = [await generator.asend(amount) for amount in (1, 10, 100)]
    await generator.aclose()
    return sums


@construct()
async def a_generator_is_thrown_into(steps: Steps) -> Any:
    async def resilient() -> Any:
        while True:
            try:
                yield await steps.act(1)
            except ValueError as error:
                steps.note("caught", str(error))
                yield await steps.act(10)

    generator = resilient()
    values = [await anext(generator), await generator.athrow(ValueError("oops"))]
    await generator.aclose()
    return values


@construct()
async def a_generator_with_a_timeout_inside(steps: Steps) -> Any:
    async def ticks() -> AsyncIterator[str]:
        for takes in (1, 5, 1):
            try:
                async with asyncio.timeout(2):
                    await steps.act(1, takes=takes)
                yield "done"
            except TimeoutError:
                yield "late"

    return [tick async for tick in ticks()]


@construct()
async def an_iterator_of_ones_own(steps: Steps) -> Any:
    class Countdown:
        def __init__(self, start: int) -> None:
            self.left = start

        def __aiter__(self) -> "Countdown":
            return self

        async def __anext__(self) -> int:
            if not self.left:
                raise StopAsyncIteration
            self.left -= 1
            return await steps.act(self.left)

    return [number async for number in Countdown(4)]


@construct()
async def two_readers_of_two_generators(steps: Steps) -> Any:
    async def numbers(start: int, pace: float) -> AsyncIterator[int]:
        for number in range(start, start + 3):
            yield await steps.act(number, takes=pace)

    async def reader(name: str, source: AsyncIterator[int]) -> list[int]:
        values = []
        async for number in source:
            steps.note(name, number, steps.now())
            values.append(number)
        return values

    return await asyncio.gather(reader("a", numbers(0, 1)), reader("b", numbers(10, 1.5)))


@construct()
async def anext_with_a_default(steps: Steps) -> Any:
    async def one() -> AsyncIterator[int]:
        yield await steps.act(1)

    generator = one()
    return [await anext(generator), await anext(generator, "no more")]
