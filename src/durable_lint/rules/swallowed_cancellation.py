"""DUR135: a cancellation is caught and goes no further."""

from typing import ClassVar, Final, assert_never

from durable_lint.reach.observations import Observation, Swallow, Swallowed
from durable_lint.rule import Example, Rule, Verdict
from durable_lint.rules.dialects import is_ours

__all__ = ["SwallowedCancellation"]

_SHOWN: Final[dict[Swallow, str]] = {
    Swallow.BARE: "a bare `except`",
    Swallow.BASE: "`except BaseException`",
    Swallow.CANCELLED: "`except CancelledError`",
    Swallow.SUPPRESS: "`suppress(...)`",
}


class SwallowedCancellation(Rule):
    code = "DUR135"
    category = "swallowed_cancellation"
    summary = "a cancellation is caught and does not go on"
    observes: ClassVar[tuple[type[Observation], ...]] = (Swallowed,)
    mends = (
        "narrows `except:` and `except BaseException:` to `except Exception:`, and"
        " puts `raise` at the end of a handler for cancellations alone"
    )
    explanation = """\
Cancelling an instance, a timeout, a sibling that failed in a task group: all of them arrive at
an `await` as `asyncio.CancelledError`. Code that catches it and does not raise it again goes on
as if nothing had been: the instance cannot be cancelled, the timeout does not end, the group
waits for ever. The runtime also unwinds coroutines in this way when an instance leaves memory,
and what runs after a swallowed one then is in no history.

Catch `Exception`, which a cancellation is not. That is what `--fix` does: ordinary errors end
where they ended before, and cancellations pass. Where there is something to clean up at a
cancellation too, catch that, clean up and end the handler with `raise`, or use `finally`.
`return`, `break` and `continue` in a `finally` swallow too.

Waiting for a task that was just cancelled, `task.cancel()` and then `await task` under
`suppress(CancelledError)`, is the usual way to do that, and no finding.
"""
    before = """\
import durable_async


@durable_async.orchestrator
async def book(trip: str) -> str:
    try:
        return await reserve(trip)
    except BaseException:
        await release(trip)
        return ""
"""
    after = """\
import durable_async


@durable_async.orchestrator
async def book(trip: str) -> str:
    try:
        return await reserve(trip)
    except Exception:
        await release(trip)
        return ""
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "Exception does not catch a cancellation.",
            """
            import durable_async as da


            @da.activity
            async def fetch(url: str) -> str: ...


            @da.orchestrator
            async def first(urls: list[str]) -> str:
                for url in urls:
                    try:
                        return await fetch(url)
                    except Exception:
                        continue
                return ""
            """,
        ),
        Example(
            "A handler that cleans up and raises again.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def lock(door: str) -> None: ...


            @da.activity
            async def unlock(door: str) -> None: ...


            @da.orchestrator
            async def visit(door: str) -> None:
                try:
                    await unlock(door)
                    await asyncio.sleep(600)
                except asyncio.CancelledError:
                    await lock(door)
                    raise
                except BaseException as error:
                    await lock(door)
                    raise RuntimeError(door) from error
            """,
        ),
        Example(
            "finally lets it pass.",
            """
            import durable_async as da


            @da.activity
            async def start(machine: str) -> None: ...


            @da.activity
            async def stop(machine: str) -> None: ...


            @da.activity
            async def run(job: str) -> int: ...


            @da.orchestrator
            async def rent(machine: str, jobs: list[str]) -> int:
                await start(machine)
                total = 0
                try:
                    for job in jobs:
                        total += await run(job)
                finally:
                    await stop(machine)
                return total
            """,
        ),
        Example(
            "Waiting for a task that was just cancelled.",
            """
            import asyncio
            import contextlib

            import durable_async as da


            @da.activity
            async def measure(room: str) -> float: ...


            @da.orchestrator
            async def sample(room: str) -> str:
                task = asyncio.create_task(measure(room))
                await asyncio.sleep(60)
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
                return room
            """,
        ),
        Example(
            "A try without an await cannot meet a cancellation.",
            """
            import json

            import durable_async as da


            def parsed(text: str) -> dict[str, str]:
                try:
                    return dict(json.loads(text))
                except:
                    return {}


            @da.activity
            async def store(row: dict[str, str]) -> None: ...


            @da.orchestrator
            async def load(lines: list[str]) -> None:
                for line in lines:
                    await store(parsed(line))
            """,
        ),
        Example(
            "Both ways through the handler raise.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def transfer(cents: int) -> None: ...


            @da.activity
            async def alarm(cents: int) -> None: ...


            class TransferError(Exception):
                pass


            @da.orchestrator
            async def pay(cents: int) -> None:
                try:
                    await transfer(cents)
                except (asyncio.CancelledError, ValueError) as error:
                    if cents > 10_000:
                        await alarm(cents)
                        raise TransferError(cents) from error
                    raise
            """,
        ),
        Example(
            "An activity may do with its cancellation what it likes.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def listen(port: int) -> int:
                try:
                    await asyncio.sleep(port)
                except asyncio.CancelledError:
                    return 0
                return port


            @da.orchestrator
            async def serve(port: int) -> int:
                return await listen(port)
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "Whoever cancels this instance waits in vain.",
            """
            import durable_async as da


            @da.activity
            async def charge(order: str) -> str: ...


            @da.activity
            async def note(order: str, error: str) -> None: ...


            @da.orchestrator
            async def checkout(order: str) -> None:
                try:
                    await charge(order)
                except BaseException as error:  # DUR135
                    await note(order, str(error))
            """,
            mended="""
            import durable_async as da


            @da.activity
            async def charge(order: str) -> str: ...


            @da.activity
            async def note(order: str, error: str) -> None: ...


            @da.orchestrator
            async def checkout(order: str) -> None:
                try:
                    await charge(order)
                except Exception as error:
                    await note(order, str(error))
            """,
        ),
        Example(
            "A bare except round an await.",
            """
            import durable_async as da


            @da.activity
            async def ping(host: str) -> bool: ...


            @da.orchestrator
            async def sweep(hosts: list[str]) -> list[str]:
                down = []
                for host in hosts:
                    try:
                        await ping(host)
                    except:  # DUR135
                        down.append(host)
                return down
            """,
            mended="""
            import durable_async as da


            @da.activity
            async def ping(host: str) -> bool: ...


            @da.orchestrator
            async def sweep(hosts: list[str]) -> list[str]:
                down = []
                for host in hosts:
                    try:
                        await ping(host)
                    except Exception:
                        down.append(host)
                return down
            """,
        ),
        Example(
            "A timeout that never ends what it is round.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def poll(job: str) -> bool: ...


            async def wait_for(job: str, tries: int) -> bool:
                for _ in range(tries):
                    try:
                        if await poll(job):
                            return True
                        await asyncio.sleep(5)
                    except (asyncio.CancelledError, ConnectionError):  # DUR135
                        continue
                return False


            @da.orchestrator
            async def render(job: str) -> bool:
                async with asyncio.timeout(3600):
                    return await wait_for(job, 1_000)
            """,
        ),
        Example(
            "One way through the handler does not raise.",
            """
            from asyncio import CancelledError

            import durable_async as da


            @da.activity
            async def step(name: str) -> None: ...


            @da.orchestrator
            async def run(names: list[str], force: bool) -> None:
                for name in names:
                    try:
                        await step(name)
                    except CancelledError:  # DUR135
                        if not force:
                            raise
            """,
            mended="""
            from asyncio import CancelledError

            import durable_async as da


            @da.activity
            async def step(name: str) -> None: ...


            @da.orchestrator
            async def run(names: list[str], force: bool) -> None:
                for name in names:
                    try:
                        await step(name)
                    except CancelledError:
                        if not force:
                            raise
                        raise
            """,
        ),
        Example(
            "suppress is an except without a body.",
            """
            import asyncio
            from contextlib import suppress

            import durable_async as da


            @da.activity
            async def publish(page: str) -> None: ...


            @da.orchestrator
            async def site(pages: list[str]) -> None:
                for page in pages:
                    with suppress(asyncio.CancelledError):  # DUR135
                        await publish(page)
            """,
        ),
        Example(
            "A return in finally replaces what was raised.",
            """
            import durable_async as da


            @da.activity
            async def grade(essay: str) -> int: ...


            @da.activity
            async def archive(essay: str) -> None: ...


            @da.orchestrator
            async def mark(essay: str) -> int:
                points = 0
                try:
                    points = await grade(essay)
                finally:
                    await archive(essay)
                    return points  # DUR135
            """,
        ),
        Example(
            "A helper of another module that keeps everything quiet.",
            """
            # file: quiet.py
            from collections.abc import Awaitable


            async def quietly(call: Awaitable[str], default: str) -> str:
                try:
                    return await call
                except BaseException:  # DUR135
                    return default

            # file: flows.py
            import durable_async as da

            from quiet import quietly


            @da.activity
            async def summary(text: str) -> str: ...


            @da.orchestrator
            async def digest(texts: list[str]) -> list[str]:
                return [await quietly(summary(text), "") for text in texts]
            """,
            mended="""
            # file: quiet.py
            from collections.abc import Awaitable


            async def quietly(call: Awaitable[str], default: str) -> str:
                try:
                    return await call
                except Exception:
                    return default

            # file: flows.py
            import durable_async as da

            from quiet import quietly


            @da.activity
            async def summary(text: str) -> str: ...


            @da.orchestrator
            async def digest(texts: list[str]) -> list[str]:
                return [await quietly(summary(text), "") for text in texts]
            """,
        ),
    )

    def judge(self, seen: Observation) -> Verdict | None:
        if not isinstance(seen, Swallowed):
            return None
        return Verdict(
            message=_message(seen),
            subject=seen.swallow.value,
            fixable=is_ours(seen) and _mendable(seen),
        )


def _mendable(seen: Swallowed) -> bool:
    """Whether it can be narrowed, or a `raise` at the end would be met on every path."""
    match seen.swallow:
        case Swallow.BARE | Swallow.BASE:
            return True
        case Swallow.CANCELLED:
            return seen.falls_through
        case Swallow.SUPPRESS | Swallow.FINALLY:
            return False
        case _:
            assert_never(seen.swallow)


def _message(seen: Swallowed) -> str:
    match seen.swallow:
        case Swallow.FINALLY:
            return (
                f"`{seen.statement}` in a `finally` swallows a cancellation that arrives at"
                " an await above it, so the instance cannot be cancelled, nor a timeout end it;"
                " move it behind the `finally`"
            )
        case Swallow.SUPPRESS:
            advice = "suppress only what the body may raise by itself, such as `Exception`"
        case Swallow.BARE | Swallow.BASE:
            advice = "catch `Exception`, or end the handler with `raise`"
        case Swallow.CANCELLED:
            advice = "end the handler with `raise`"
        case _:
            assert_never(seen.swallow)
    return (
        f"{_SHOWN[seen.swallow]} swallows a cancellation that arrives at an await in its body, so"
        f" the instance cannot be cancelled, nor a timeout end it; {advice}"
    )
