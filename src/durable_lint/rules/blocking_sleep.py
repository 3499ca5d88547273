"""DUR102: the thread of the worker waits, and with it every orchestrator that it runs."""

from typing import ClassVar

from durable_lint.reach.observations import How, Use
from durable_lint.rule import Example
from durable_lint.rules.dialects import Words
from durable_lint.rules.vocabulary_rule import VocabularyRule

__all__ = ["BlockingSleep"]

_ASKS_A_HUMAN = ("builtins.input", "getpass.getpass", "click.prompt", "click.confirm")
_DEBUGS = ("builtins.breakpoint", "pdb.set_trace")
_RETRIES = ("tenacity.", "backoff.", "retrying.")


class BlockingSleep(VocabularyRule):
    code = "DUR102"
    category = "blocking_sleep"
    summary = "the thread is made to wait instead of the orchestrator"
    harm = (
        "holds up the worker's thread, is waited for again at each replay, and no restart keeps it"
    )
    mends = "makes `await asyncio.sleep(...)` of `time.sleep(...)` in an `async def`"
    explanation = """\
`time.sleep` stops the thread. All orchestrators of a worker share one, so all of them stand
still, and the watchdog reports it. And history knows nothing of the wait: at each replay it is
waited for again from its beginning, and a process that dies in the middle of it starts over.

`await asyncio.sleep(...)` is a durable timer in an orchestrator: it may take a second or a
year, holds no thread, and survives a restart with what is left of it. The same goes for the
other waits: `asyncio.Event`, `asyncio.Queue`, `asyncio.timeout` are durable where
`threading.Event`, `queue.Queue` and a `Future` of an executor are not; an answer from outside
is awaited by `durable_async.wait_for_event(...)`.

A retry loop of `tenacity` or `backoff` round synchronous code sleeps in the thread. Say it to
the activity: `@activity(retry=RetryPolicy(max_attempts=5))`.
"""
    before = """\
import time

import durable_async


@durable_async.orchestrator
async def trial(customer_id: str) -> None:
    time.sleep(14 * 86_400)
    await send_offer(customer_id)
"""
    after = """\
import asyncio

import durable_async


@durable_async.orchestrator
async def trial(customer_id: str) -> None:
    await asyncio.sleep(14 * 86_400)
    await send_offer(customer_id)
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "asyncio.sleep is a durable timer.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def ping(host: str) -> bool: ...


            @da.orchestrator
            async def wait_until_up(host: str) -> int:
                tries = 1
                while not await ping(host):
                    await asyncio.sleep(min(2**tries, 300))
                    tries += 1
                return tries
            """,
        ),
        Example(
            "An activity runs in a thread of its own, or holds up its own loop only.",
            """
            import time

            import durable_async as da


            @da.activity
            def print_label(parcel: str) -> None:
                while not parcel.startswith("ready"):
                    time.sleep(0.5)


            @da.orchestrator
            async def ship(parcel: str) -> None:
                await print_label(parcel)
            """,
        ),
        Example(
            "Events and queues of asyncio are durable here.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def pack(item: str) -> str: ...


            async def packer(items: asyncio.Queue[str], done: asyncio.Event) -> None:
                while not items.empty():
                    await pack(await items.get())
                done.set()


            @da.orchestrator
            async def pack_all(names: list[str]) -> int:
                items: asyncio.Queue[str] = asyncio.Queue()
                done = asyncio.Event()
                for name in names:
                    items.put_nowait(name)
                task = asyncio.create_task(packer(items, done))
                await done.wait()
                await task
                return len(names)
            """,
        ),
        Example(
            "result() of a task that is done waits for nothing.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def quote(carrier: str, grams: int) -> int: ...


            @da.orchestrator
            async def cheapest(carriers: list[str], grams: int) -> int:
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(quote(carrier, grams)) for carrier in carriers]
                return min(task.result() for task in tasks)
            """,
        ),
        Example(
            "A method that is called sleep, and an input that is an argument.",
            """
            import durable_async as da


            class Device:
                def __init__(self, serial: str) -> None:
                    self.serial = serial
                    self.asleep = False

                def sleep(self) -> None:
                    self.asleep = True


            @da.activity
            async def switch_off(serial: str) -> None: ...


            @da.orchestrator
            async def standby(input: list[str]) -> int:
                devices = [Device(serial) for serial in input]
                for device in devices:
                    device.sleep()
                    await switch_off(device.serial)
                return sum(device.asleep for device in devices)
            """,
        ),
        Example(
            "A retry that the activity is given costs no thread.",
            """
            import time

            import durable_async as da


            def warm_up(seconds: float) -> None:
                time.sleep(seconds)


            @da.activity(retry=da.RetryPolicy(max_attempts=5, initial_interval=2.0))
            async def submit(claim: str) -> str: ...


            @da.orchestrator
            async def file_claim(claim: str) -> str:
                return await submit(claim)


            if __name__ == "__main__":
                warm_up(1.0)
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "time.sleep stops every orchestrator of the worker.",
            """
            import asyncio
            import time

            import durable_async as da


            @da.activity
            async def collect(account: str) -> bool: ...


            @da.orchestrator
            async def dunning(account: str) -> bool:
                for days in (3, 7, 14):
                    if await collect(account):
                        return True
                    time.sleep(days * 86_400)  # DUR102
                await asyncio.sleep(60)
                return await collect(account)
            """,
            mended="""
            import asyncio

            import durable_async as da


            @da.activity
            async def collect(account: str) -> bool: ...


            @da.orchestrator
            async def dunning(account: str) -> bool:
                for days in (3, 7, 14):
                    if await collect(account):
                        return True
                    await asyncio.sleep(days * 86_400)
                await asyncio.sleep(60)
                return await collect(account)
            """,
        ),
        Example(
            "A helper that is no coroutine sleeps in the thread all the same.",
            """
            # file: pacing.py
            from time import sleep


            class Pace:
                def __init__(self, seconds: float) -> None:
                    self.seconds = seconds

                def hold(self) -> None:
                    sleep(self.seconds)  # DUR102

            # file: flows.py
            from durable_async import activity, orchestrator

            from pacing import Pace


            @activity
            async def post(message: str) -> None: ...


            @orchestrator
            async def campaign(messages: list[str]) -> None:
                pace = Pace(1.5)
                for message in messages:
                    await post(message)
                    pace.hold()
            """,
        ),
        Example(
            "Nobody answers a question that is asked on a worker's terminal.",
            """
            import durable_async as da


            @da.activity
            async def deploy(version: str) -> None: ...


            @da.orchestrator
            async def release(version: str) -> bool:
                answer = input(f"Deploy {version}? ")  # DUR102
                if answer != "yes":
                    return False
                await deploy(version)
                return True
            """,
        ),
        Example(
            "tenacity sleeps in the thread between attempts.",
            """
            from tenacity import retry, stop_after_attempt, wait_fixed

            import durable_async as da


            class NotYetError(Exception):
                pass


            @retry(stop=stop_after_attempt(3), wait=wait_fixed(10))  # DUR102
            def settled(states: list[str]) -> bool:
                if "pending" in states:
                    raise NotYetError
                return True


            @da.activity
            async def states_of(batch: str) -> list[str]: ...


            @da.orchestrator
            async def settle(batch: str) -> bool:
                return settled(await states_of(batch))
            """,
        ),
        Example(
            "select waits for what history does not hold.",
            """
            import select
            import signal

            import durable_async as da


            @da.activity
            async def drain(port: int) -> None: ...


            @da.orchestrator
            async def listen(port: int, descriptor: int) -> None:
                readable, _, _ = select.select([descriptor], [], [], 5.0)  # DUR102
                if readable:
                    await drain(port)
                signal.pause()  # DUR102
            """,
        ),
        Example(
            "In a loop the wait is there again at each replay.",
            """
            import time as clock

            import durable_async as da


            @da.activity
            async def status(job: str) -> str: ...


            async def poll(job: str, every: float) -> str:
                state = await status(job)
                while state == "running":
                    clock.sleep(every)  # DUR102
                    state = await status(job)
                return state


            @da.orchestrator
            async def render(job: str) -> str:
                return await poll(job, every=20.0)
            """,
            mended="""
            import asyncio

            import durable_async as da


            @da.activity
            async def status(job: str) -> str: ...


            async def poll(job: str, every: float) -> str:
                state = await status(job)
                while state == "running":
                    await asyncio.sleep(every)
                    state = await status(job)
                return state


            @da.orchestrator
            async def render(job: str) -> str:
                return await poll(job, every=20.0)
            """,
        ),
        Example(
            "An orchestrator of Azure Durable Functions, which yields.",
            """
            import time
            from collections.abc import Generator
            from typing import Any

            import azure.durable_functions as df

            app = df.DFApp()


            @app.orchestration_trigger(context_name="context")
            def dunning(context: df.DurableOrchestrationContext) -> Generator[Any, Any, bool]:
                paid = yield context.call_activity("collect", context.get_input())
                if not paid:
                    time.sleep(60)  # DUR102
                    paid = yield context.call_activity("collect", context.get_input())
                return paid
            """,
            settings='dialects = ["durabletask"]',
        ),
    )

    def harm_of(self, seen: Use) -> str:
        if seen.name in _ASKS_A_HUMAN:
            return "waits for an answer that is not in the history, so each replay asks again"
        return self.harm

    def advice(self, seen: Use, words: Words) -> str:
        if seen.name == "time.sleep":
            return f"use `{words.sleep}`"
        if seen.name in _ASKS_A_HUMAN:
            return f"use `{words.outside}`, and let whoever has the answer send it"
        if seen.name in _DEBUGS:
            return "remove it, and debug in a test"
        if seen.name.startswith(_RETRIES):
            return "give the activity a retry policy"
        return (
            self.known_advice(seen)
            or f"use what asyncio has for it, or `{words.outside}` for what comes from outside"
        )

    def fixable(self, seen: Use) -> bool:
        return (
            seen.name == "time.sleep"
            and seen.how is How.CALL
            and seen.in_async
            and seen.positional == 1
            and not seen.keywords
        )
