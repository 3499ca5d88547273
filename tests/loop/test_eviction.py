"""What an eviction does to code that stands in the middle of something.

Invariant: every `finally` runs, once, inside the loop, because of GeneratorExit; none of them
waits, and none is left to the collector.
"""

import asyncio
import contextlib
import gc
import sys
import types
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import anyio
import pytest
from tests.loop.durable import START, Code, World, started

from durable_async.core.episode import Execution
from durable_async.model.outcome import Blocked, Outcome

Body = Callable[[Any], Coroutine[Any, Any, Any]]


def evict(body: Body, *, episodes: int = 1) -> None:
    """Run some episodes, then evict."""
    execution = Execution(Code("main", body))
    world = World()
    history, news = [started("main")], []
    for _ in range(episodes):
        outcome = execution.run(history, news, world.clock())
        assert isinstance(outcome, Outcome)
        assert outcome.ended is None
        world.take(outcome.commands)
        history, news = [], [] if world.is_over else world.news()
    execution.close()


@contextlib.contextmanager
def noted(seen: list[str], name: str) -> Iterator[None]:
    """What ends the block."""
    try:
        yield
    except BaseException as error:
        seen.append(f"{name} {type(error).__name__}")
        raise


def test_an_await_in_a_finally_fails_like_the_one_before_it() -> None:
    seen: list[str] = []

    async def inner(steps: Any) -> None:
        try:
            with noted(seen, "wait"):
                await steps.event("never")
        finally:
            with noted(seen, "clean-up"):
                await asyncio.get_running_loop().create_future()

    async def main(steps: Any) -> None:
        with noted(seen, "caller"):
            await inner(steps)

    evict(main)
    assert seen == ["wait GeneratorExit", "clean-up GeneratorExit", "caller GeneratorExit"]


def test_a_durable_wait_in_a_finally_asks_for_nothing() -> None:
    seen: list[str] = []

    async def main(steps: Any) -> None:
        try:
            await steps.event("never")
        finally:
            try:
                with noted(seen, "activity"):
                    await steps.act(1)
            finally:
                with noted(seen, "sleep"):
                    await asyncio.sleep(1)

    evict(main)
    assert seen == ["activity GeneratorExit", "sleep GeneratorExit"]


def test_an_async_generator_unwinds_with_the_one_who_reads_it() -> None:
    seen: list[str] = []

    async def pages(steps: Any) -> AsyncIterator[int]:
        with noted(seen, "generator"):
            yield await steps.act(1, takes=5)

    async def main(steps: Any) -> None:
        with noted(seen, "reader"):
            async for _ in pages(steps):
                pass

    evict(main)
    assert seen == ["generator GeneratorExit", "reader GeneratorExit"]


def test_what_one_hands_over_while_it_unwinds_wakes_nobody() -> None:
    seen: list[str] = []

    async def main(steps: Any) -> None:
        lock = asyncio.Lock()

        async def holder(name: str) -> None:
            with noted(seen, name):
                async with lock:
                    seen.append(f"{name} holds")
                    await steps.event("never")

        await asyncio.gather(holder("a"), holder("b"))

    evict(main)
    assert seen == ["a holds", "a GeneratorExit", "b GeneratorExit"]


def test_cancelling_changes_nothing_any_more() -> None:
    seen: list[str] = []

    async def main(steps: Any) -> None:
        async def child() -> None:
            with noted(seen, "child"):
                await steps.act(1, takes=5)

        async with asyncio.TaskGroup() as group:
            group.create_task(child())
            with noted(seen, "host"):
                await steps.event("never")

    evict(main)
    assert seen == ["host GeneratorExit", "child GeneratorExit"]


def test_timeouts_and_scopes_are_left_in_the_task_that_entered_them() -> None:
    seen: list[str] = []

    async def main(steps: Any) -> None:
        with noted(seen, "outside"):
            async with asyncio.timeout(5), anyio.create_task_group():
                with anyio.move_on_after(3), noted(seen, "inside"):
                    await steps.event("never")

    evict(main)
    assert seen[0] == "inside GeneratorExit"
    assert "RuntimeError" not in seen[1]


def test_a_task_made_while_unwinding_does_not_begin() -> None:
    seen: list[str] = []

    async def main(steps: Any) -> None:
        async def child() -> None:
            seen.append("must not run")

        try:
            await steps.event("never")
        finally:
            asyncio.create_task(child())
            await asyncio.gather(child(), child())

    evict(main)
    assert seen == []


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="asyncio makes no task of it any more")
def test_a_coroutine_of_generators_unwinds_too() -> None:
    seen: list[str] = []

    @types.coroutine
    def old(steps: Any) -> Any:
        with noted(seen, "generator"):
            yield from asyncio.get_running_loop().create_future()

    async def main(steps: Any) -> None:
        await asyncio.create_task(old(steps))

    evict(main)
    assert seen == ["generator GeneratorExit"]


def test_code_that_a_mismatch_stopped_in_its_turn_unwinds() -> None:
    seen: list[str] = []

    async def main(steps: Any) -> None:
        async def turns() -> None:
            with noted(seen, "turns"):
                for _ in range(3):
                    await asyncio.sleep(0)
                await steps.event("never")

        task = asyncio.create_task(turns())
        await asyncio.sleep(0)
        await steps.act(1)
        await task

    execution = Execution(Code("main", main))
    outcome = execution.run([started("main")], [], START)
    assert isinstance(outcome, Outcome)
    execution.close()
    seen.clear()
    changed = Execution(Code("main", main))
    without_commands = [started("main"), outcome.events[0]]
    assert isinstance(changed.run([*without_commands, outcome.events[0]], [], START), Blocked)
    changed.close()
    assert seen == ["turns GeneratorExit"]


def test_code_that_only_takes_turns_is_closed_in_the_end() -> None:
    seen: list[str] = []

    async def main(steps: Any) -> None:
        async def spins() -> None:
            with noted(seen, "spins"):
                while True:
                    await asyncio.sleep(0)

        await asyncio.gather(spins(), steps.act(1))

    execution = Execution(Code("main", main))
    outcome = execution.run([started("main")], [], START)
    assert isinstance(outcome, Outcome)
    assert outcome.ended is not None, "a livelock"
    execution.close()
    assert seen == ["spins GeneratorExit"]


def test_a_task_of_what_anext_gives_is_unwound_as_any_other() -> None:
    """It is a coroutine to asyncio, and says nothing of how far it has come."""
    seen: list[str] = []

    async def events(steps: Any) -> AsyncIterator[str]:
        try:
            with noted(seen, "wait"):
                yield await steps.event("never")
        finally:
            with noted(seen, "clean-up"):
                await asyncio.get_running_loop().create_future()

    async def main(steps: Any) -> None:
        with noted(seen, "reader"):
            await asyncio.wait([asyncio.ensure_future(events(steps).__anext__())])

    evict(main)
    gc.collect()  # which would begin it anew, outside of the loop
    assert seen == ["reader GeneratorExit", "wait GeneratorExit", "clean-up GeneratorExit"]


def test_a_task_of_what_anext_gives_that_has_not_begun_never_does() -> None:
    seen: list[str] = []

    async def letters() -> AsyncIterator[str]:
        seen.append("begun")
        yield "a"

    async def main(steps: Any) -> None:
        try:
            await steps.event("never")
        finally:
            asyncio.ensure_future(letters().__anext__())

    evict(main)
    gc.collect()
    assert seen == []


def test_a_generator_that_will_not_be_closed_is_left_as_it_is() -> None:
    seen: list[str] = []

    async def stubborn() -> AsyncIterator[str]:
        try:
            yield "first"
        finally:
            if not seen:
                seen.append("closing")
                yield "and another"

    async def main(steps: Any) -> None:
        kept = stubborn()
        await anext(kept)
        await steps.event("never")

    evict(main)
    assert seen == ["closing"]


@pytest.mark.parametrize("episodes", [1, 2, 3])
def test_nothing_stays_in_memory_of_a_group_of_anyio(episodes: int) -> None:
    tasks: list[weakref.ref[Any]] = []

    async def main(steps: Any) -> None:
        async def child(number: int) -> None:
            tasks.append(weakref.ref(asyncio.current_task()))
            await steps.act(number, takes=number)
            await steps.event("never")

        async with anyio.create_task_group() as group:
            for number in range(4):
                group.start_soon(child, number)

    evict(main, episodes=episodes)
    gc.collect()
    assert len(tasks) == 4
    assert [task() for task in tasks] == [None] * 4


@pytest.mark.parametrize("wait", ["activity", "event", "timer"])
def test_code_that_swallows_its_end_and_asks_again_is_given_up(wait: str) -> None:
    rounds: list[int] = []

    async def stubborn(steps: Any) -> None:
        while len(rounds) < 10_000:
            rounds.append(1)
            try:
                if wait == "activity":
                    await steps.act(1)
                elif wait == "event":
                    await steps.event("never")
                else:
                    await asyncio.sleep(60)
            except BaseException:
                continue

    execution = Execution(Code("main", stubborn))
    execution.run([started("main")], [], START)
    execution.close()
    assert len(rounds) < 1_000
    rounds.extend([1] * 10_000)  # let the rest of it end
    del execution
    gc.collect()
