"""DUR132: something is awaited that no history records."""

from typing import ClassVar

from durable_lint.reach.observations import ForeignAwait, Observation, Use
from durable_lint.rule import Example, Rule, Verdict
from durable_lint.rules.dialects import words_of
from durable_lint.rules.vocabulary_rule import shown

__all__ = ["ForeignAwaits"]

_WAITED = {
    "await": "is awaited",
    "async for": "is iterated by `async for`",
    "async with": "is entered by `async with`",
}


class ForeignAwaits(Rule):
    code = "DUR132"
    category = "foreign_await"
    summary = "something is awaited that is not durable"
    observes: ClassVar[tuple[type[Observation], ...]] = (ForeignAwait, Use)
    explanation = """\
An orchestrator waits for what the history can answer: activities, children, timers, events, and
asyncio's own means between its tasks. What a coroutine of another library waits for - a socket,
a thread, a loop of its own - is in no history. The replay would have to wait for it again, and
the runtime refuses: a future that is not the orchestrator's fails with `NotDurableError`.

Await it in an activity. Some libraries have a synchronous side that only computes; that may be
called directly. Of anyio, task groups, `sleep`, `fail_after` and `move_on_after` are durable;
trio and curio have loops of their own, and are not.

A coroutine function of your own project is no finding: it is followed, and what it awaits is
looked at instead.
"""
    before = """\
import durable_async
from aiocache import Cache


@durable_async.orchestrator
async def price(item: str) -> int:
    cache = Cache()
    return await cache.get(item) or await look_up(item)
"""
    after = """\
import durable_async
from aiocache import Cache


@durable_async.activity
async def cached_price(item: str) -> int:
    cache = Cache()
    return await cache.get(item) or await look_up.fn(item)


@durable_async.orchestrator
async def price(item: str) -> int:
    return await cached_price(item)
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "Activities, children, timers and events are durable.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def ask(person: str) -> None: ...


            @da.orchestrator
            async def remind(person: str) -> None:
                await asyncio.sleep(3600)
                await ask(person)


            @da.orchestrator
            async def approval(person: str) -> bool:
                await ask(person)
                reminder = asyncio.create_task(remind(person))
                answer = await da.wait_for_event("answer", bool)
                reminder.cancel()
                return answer
            """,
        ),
        Example(
            "asyncio's own means between tasks.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def bid(dealer: str) -> int: ...


            @da.orchestrator
            async def auction(dealers: list[str]) -> int:
                best = asyncio.get_running_loop().create_future()

                async def offer(dealer: str) -> None:
                    cents = await bid(dealer)
                    if not best.done():
                        best.set_result(cents)

                async with asyncio.timeout(600), asyncio.TaskGroup() as group:
                    for dealer in dealers:
                        group.create_task(offer(dealer))
                return await best
            """,
        ),
        Example(
            "A coroutine of the project is followed instead.",
            """
            # file: steps.py
            from collections.abc import AsyncIterator

            import durable_async as da


            @da.activity
            async def page(number: int) -> list[str]: ...


            async def rows(pages: int) -> AsyncIterator[str]:
                for number in range(pages):
                    for row in await page(number):
                        yield row

            # file: flows.py
            import durable_async as da

            from steps import rows


            @da.orchestrator
            async def count(pages: int) -> int:
                total = 0
                async for row in rows(pages):
                    total += len(row)
                return total
            """,
        ),
        Example(
            "Task groups and timeouts of anyio are durable.",
            """
            import anyio

            import durable_async as da


            @da.activity
            async def warm(cache: str) -> None: ...


            @da.orchestrator
            async def warm_up(caches: list[str]) -> None:
                with anyio.move_on_after(60):
                    async with anyio.create_task_group() as group:
                        for cache in caches:
                            group.start_soon(warm, cache)
                await anyio.sleep(1)
            """,
        ),
        Example(
            "Other libraries' coroutines in an activity.",
            """
            import aiocache

            import durable_async as da

            cache = aiocache.Cache()


            @da.activity
            async def look_up(item: str) -> int:
                return int(await cache.get(item))


            @da.orchestrator
            async def total(items: list[str]) -> int:
                return sum([await look_up(item) for item in items])
            """,
        ),
        Example(
            "Context managers that are durable or the project's own.",
            """
            import contextlib
            from collections.abc import AsyncIterator

            import durable_async as da


            @da.activity
            async def reserve(seat: str) -> None: ...


            @da.activity
            async def release(seat: str) -> None: ...


            @contextlib.asynccontextmanager
            async def reserved(seat: str) -> AsyncIterator[str]:
                await reserve(seat)
                try:
                    yield seat
                finally:
                    await release(seat)


            @da.orchestrator
            async def show(seats: list[str]) -> None:
                async with contextlib.AsyncExitStack() as stack:
                    for seat in seats:
                        await stack.enter_async_context(reserved(seat))
                    await da.sleep(7200)
            """,
        ),
        Example(
            "A task of your own that a library keeps is yours.",
            """
            import asyncio

            import more_itertools

            import durable_async as da


            @da.activity
            async def resize(picture: str) -> str: ...


            @da.orchestrator
            async def album(pictures: list[str]) -> list[str]:
                tasks = [asyncio.create_task(resize(picture)) for picture in pictures]
                done: list[str] = []
                for few in more_itertools.chunked(tasks, 10):
                    for task in few:
                        done.append(await task)
                return done
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "A cache waits for something that history does not know.",
            """
            from aiocache import Cache

            import durable_async as da


            @da.activity
            async def compute(key: str) -> int: ...


            @da.orchestrator
            async def cached(key: str) -> int:
                cache = Cache()
                found = await cache.get(key)  # DUR132
                return found if found else await compute(key)
            """,
        ),
        Example(
            "trio has a loop of its own.",
            """
            import trio

            import durable_async as da


            @da.activity
            async def poll(job: str) -> bool: ...


            @da.orchestrator
            async def wait_for(job: str) -> None:
                while not await poll(job):
                    await trio.sleep(5)  # DUR132
            """,
        ),
        Example(
            "A coroutine of another package, in a helper.",
            """
            # file: rendering.py
            from jobqueue.aio import render_async


            async def rendered(page: str) -> str:
                html = await render_async(page)  # DUR132
                return html.strip()

            # file: flows.py
            import durable_async as da

            from rendering import rendered


            @da.activity
            async def publish(html: str) -> None: ...


            @da.orchestrator
            async def site(pages: list[str]) -> None:
                for page in pages:
                    await publish(await rendered(page))
            """,
        ),
        Example(
            "An iterator that a library feeds.",
            """
            from eventstream import subscribe

            import durable_async as da


            @da.activity
            async def handle(message: str) -> None: ...


            @da.orchestrator
            async def consume(topic: str) -> None:
                async for message in subscribe(topic):  # DUR132
                    await handle(message)
            """,
        ),
        Example(
            "A context manager of another library.",
            """
            from distlock import Lock

            import durable_async as da


            @da.activity
            async def migrate(table: str) -> None: ...


            @da.orchestrator
            async def migrate_once(table: str) -> None:
                async with Lock(f"migrate-{table}"):  # DUR132
                    await migrate(table)
            """,
        ),
        Example(
            "A nursery, and the other loop's clock.",
            """
            import curio
            import trio

            import durable_async as da


            @da.activity
            async def step(name: str) -> None: ...


            @da.orchestrator
            async def steps(names: list[str]) -> None:
                async with trio.open_nursery() as nursery:  # DUR132
                    for name in names:
                        await step(f"{name} {nursery}")
                await curio.sleep(1)  # DUR132
            """,
        ),
        Example(
            "What an object of a library holds, or gives bit by bit, is the library's.",
            """
            import aiorwlock
            from acme_queue import Client

            import durable_async as da


            @da.activity
            async def deliver(parcel: str) -> None: ...


            @da.orchestrator
            async def drain(parcel: str) -> None:
                lock = aiorwlock.RWLock()
                async with lock.writer:  # DUR132
                    await deliver(parcel)
                client = Client()
                for message in client.waiting():
                    await message.acknowledge()  # DUR132
            """,
        ),
    )

    def judge(self, seen: Observation) -> Verdict | None:
        match seen:
            case ForeignAwait():
                name, waited = f"`{seen.name}`", _WAITED.get(seen.form, "is awaited")
            case Use() if seen.entry.category == self.category:
                name, waited = shown(seen), "waits on a loop or thread of its own"
            case _:
                return None
        return Verdict(
            message=(
                f"{name} {waited}, and no history records what it waits for, so a replay cannot"
                f" go past it; {words_of(seen).activity}"
            ),
            subject=seen.name,
        )
