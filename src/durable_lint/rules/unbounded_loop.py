"""DUR151: a loop without an end, whose history grows until it is too long."""

from typing import ClassVar

from durable_lint.reach.observations import EndlessLoop, Observation
from durable_lint.rule import Example, Rule, Verdict
from durable_lint.rules.dialects import words_of

__all__ = ["UnboundedLoop"]


class UnboundedLoop(Rule):
    code = "DUR151"
    category = "unbounded_loop"
    summary = "an endless loop with durable awaits that never continues as new"
    observes: ClassVar[tuple[type[Observation], ...]] = (EndlessLoop,)
    explanation = """\
Everything that an orchestrator awaits is recorded, and a replay goes through all of it. A loop
that never ends makes a history that never ends: each replay takes longer than the last, and at
the limit of events the instance fails with `HistoryLimitError`.

Begin anew with what you need to know: `durable_async.continue_as_new(monitor(n + 1))` starts a
fresh history of the same instance, after each round or after some hundreds of them. Events that
have arrived are carried over. Or let the loop end: by `return`, `break`, or a condition.

A loop that has a way out is no finding; nor is one that awaits nothing durable.
"""
    before = """\
import asyncio

import durable_async


@durable_async.orchestrator
async def monitor(site: str) -> None:
    while True:
        await check(site)
        await asyncio.sleep(60)
"""
    after = """\
import asyncio

import durable_async


@durable_async.orchestrator
async def monitor(site: str) -> None:
    for _ in range(500):
        await check(site)
        await asyncio.sleep(60)
    durable_async.continue_as_new(monitor(site))
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "A loop that continues as new.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def check(site: str) -> bool: ...


            @da.orchestrator
            async def monitor(site: str, rounds: int = 0) -> None:
                while True:
                    await check(site)
                    await asyncio.sleep(60)
                    rounds += 1
                    if rounds % 500 == 0:
                        da.continue_as_new(monitor(site, rounds))
            """,
        ),
        Example(
            "A loop that returns or breaks.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def state_of(job: str) -> str: ...


            @da.orchestrator
            async def wait_for(job: str) -> str:
                while True:
                    state = await state_of(job)
                    if state == "done":
                        return state
                    if state == "failed":
                        break
                    await asyncio.sleep(30)
                return "failed"
            """,
        ),
        Example(
            "A condition, and a loop over what there is.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def attempt(number: int) -> bool: ...


            @da.orchestrator
            async def persist(limit: int) -> bool:
                tries = 0
                done = False
                while not done and tries < limit:
                    tries += 1
                    done = await attempt(tries)
                for number in range(limit):
                    await asyncio.sleep(number)
                return done
            """,
        ),
        Example(
            "An endless loop that an exception ends.",
            """
            import durable_async as da


            class EmptyError(Exception):
                pass


            @da.activity
            async def take(queue: str) -> str: ...


            @da.orchestrator
            async def drain(queue: str) -> None:
                while True:
                    if not await take(queue):
                        raise EmptyError(queue)
            """,
        ),
        Example(
            "An endless loop that awaits nothing durable.",
            """
            import durable_async as da


            @da.activity
            async def store(number: int) -> None: ...


            def collatz(number: int) -> int:
                steps = 0
                while True:
                    if number == 1:
                        return steps
                    number = number // 2 if number % 2 == 0 else 3 * number + 1
                    steps += 1


            @da.orchestrator
            async def compute(number: int) -> None:
                await store(collatz(number))
            """,
        ),
        Example(
            "An activity, and a worker, may loop for ever.",
            """
            import asyncio

            import durable_async as da


            @da.activity(heartbeat_timeout=30)
            async def follow(topic: str) -> None:
                while True:
                    da.heartbeat()
                    await asyncio.sleep(10)


            @da.orchestrator
            async def watch(topic: str) -> None:
                await follow(topic)


            async def keep_alive() -> None:
                while True:
                    await asyncio.sleep(3600)
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "A monitor's history grows until the instance fails.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def check(site: str) -> bool: ...


            @da.activity
            async def alarm(site: str) -> None: ...


            @da.orchestrator
            async def monitor(site: str) -> None:
                while True:  # DUR151
                    if not await check(site):
                        await alarm(site)
                    await asyncio.sleep(60)
            """,
        ),
        Example(
            "A loop over events that come and come.",
            """
            import durable_async as da


            @da.activity
            async def handle(order: str) -> None: ...


            @da.orchestrator
            async def desk(shop: str) -> None:
                while 1:  # DUR151
                    order = await da.wait_for_event("order", str)
                    await handle(order)
            """,
        ),
        Example(
            "A break that leaves only an inner loop.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def scan(shelf: str) -> bool: ...


            @da.orchestrator
            async def patrol(shelves: list[str]) -> None:
                while True:  # DUR151
                    for shelf in shelves:
                        if await scan(shelf):
                            break
                    await asyncio.sleep(600)
            """,
        ),
        Example(
            "Counting without an end.",
            """
            import itertools

            import durable_async as da


            @da.activity
            async def invoice(customer: str, month: int) -> None: ...


            @da.orchestrator
            async def subscription(customer: str) -> None:
                for month in itertools.count():  # DUR151
                    await invoice(customer, month)
                    await da.sleep(30 * 86_400)
            """,
        ),
        Example(
            "A helper of another module that never returns.",
            """
            # file: heartbeats.py
            import asyncio
            from collections.abc import Awaitable, Callable


            async def every(seconds: float, beat: Callable[[], Awaitable[None]]) -> None:
                while True:  # DUR151
                    await beat()
                    await asyncio.sleep(seconds)

            # file: flows.py
            import durable_async as da

            from heartbeats import every


            @da.activity
            async def ping(device: str) -> None: ...


            @da.orchestrator
            async def presence(device: str) -> None:
                async def beat() -> None:
                    await ping(device)

                await every(30, beat)
            """,
        ),
        Example(
            "A handler that catches what the loop raises does not leave it.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def sync(folder: str) -> int: ...


            @da.orchestrator
            async def mirror(folder: str) -> None:
                while True:  # DUR151
                    try:
                        await sync(folder)
                    except OSError:
                        await asyncio.sleep(300)
                        continue
                    await asyncio.sleep(10)
            """,
        ),
    )

    def judge(self, seen: Observation) -> Verdict | None:
        if not isinstance(seen, EndlessLoop):
            return None
        return Verdict(
            message=(
                f"this loop awaits `{seen.awaits}` and never ends, so its history grows, each"
                " replay takes longer, and at the limit of events the instance fails; let it end,"
                f" or call `{words_of(seen).restart}` now and then"
            ),
            subject=seen.awaits,
        )
