"""DUR133: a call that does nothing until it is awaited, and is not."""

from typing import ClassVar, Final, assert_never

from durable_lint.reach.observations import DroppedCall, Observation, Pending
from durable_lint.rule import Example, Rule, Verdict
from durable_lint.rules.dialects import Words, is_ours, words_of

__all__ = ["MissingAwait"]

_USES: Final[dict[str, str]] = {
    "dropped": "is never awaited",
    "unused": "is bound to a name that nobody reads, and never awaited",
    "as a value": "is used as if it were its result",
}


class MissingAwait(Rule):
    code = "DUR133"
    category = "missing_await"
    summary = "a call that is neither awaited nor given to a task"
    observes: ClassVar[tuple[type[Observation], ...]] = (DroppedCall,)
    mends = "puts `await` before the call, in an `async def`"
    everywhere = True  # type checkers do not see it
    explanation = """\
Calling an activity or an orchestrator only makes a *call*: nothing is recorded and nothing runs
until it is awaited, or given to a task. `charge(order)` on a line of its own charges nobody.
`if charge(order):` is always true, because a call is an object like any other. The same goes
for timers (`asyncio.sleep(60)`), for `wait_for_event`, and for every coroutine function of your
own.

Await it: `await charge(order)`. Or let it run beside: `asyncio.create_task(charge(order))`, a
`TaskGroup`, `gather`. A call that is returned, passed on, or kept and awaited later is no
finding.

Calls of activities and orchestrators are looked at in the whole project, whether an
orchestrator reaches them or not: to a type checker they are good code.
"""
    before = """\
import asyncio

import durable_async


@durable_async.orchestrator
async def remind(customer: str) -> None:
    asyncio.sleep(86_400)
    send_reminder(customer)
"""
    after = """\
import asyncio

import durable_async


@durable_async.orchestrator
async def remind(customer: str) -> None:
    await asyncio.sleep(86_400)
    await send_reminder(customer)
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "A call that is awaited.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def charge(order: str) -> bool: ...


            @da.orchestrator
            async def checkout(order: str) -> bool:
                await asyncio.sleep(10)
                paid = await charge(order)
                return paid and await da.wait_for_event("packed", bool)
            """,
        ),
        Example(
            "A call that is given to a task, a group, gather or wait_for.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def mail(to: str) -> None: ...


            @da.orchestrator
            async def newsletter(readers: list[str]) -> None:
                first = asyncio.create_task(mail(readers[0]))
                async with asyncio.TaskGroup() as group:
                    group.create_task(mail(readers[1]))
                await asyncio.gather(*[mail(reader) for reader in readers[2:]])
                await asyncio.wait_for(mail("editor"), timeout=60)
                await first
            """,
        ),
        Example(
            "A call that is kept, and awaited later.",
            """
            import durable_async as da


            @da.activity
            async def undo(step: str) -> None: ...


            @da.activity
            async def do(step: str) -> bool: ...


            @da.orchestrator
            async def saga(steps: list[str]) -> bool:
                undoing = []
                for step in steps:
                    call = undo(step)
                    if not await do(step):
                        for late in reversed(undoing):
                            await late
                        return False
                    undoing.append(call)
                return True
            """,
        ),
        Example(
            "A helper that returns the call leaves awaiting to its caller.",
            """
            # file: calls.py
            from collections.abc import Coroutine
            from typing import Any

            import durable_async as da


            @da.activity(name="deliver")
            async def deliver(parcel: str, express: bool) -> int: ...


            def delivery(parcel: str) -> Coroutine[Any, Any, int]:
                if parcel.startswith("!"):
                    return deliver(parcel, True)
                return deliver(parcel, False)

            # file: flows.py
            import durable_async as da

            from calls import delivery


            @da.orchestrator
            async def ship(parcels: list[str]) -> int:
                return sum([await delivery(parcel) for parcel in parcels])
            """,
        ),
        Example(
            "The plain function of an activity is called without a call.",
            """
            import durable_async as da


            @da.activity
            def slug(title: str) -> str:
                return title.lower().replace(" ", "-")


            @da.orchestrator
            async def publish(title: str) -> str:
                return await slug(title)


            def check_slug() -> None:
                if slug.fn("A B") != "a-b":
                    raise AssertionError
            """,
        ),
        Example(
            "What is issued at the call needs no await.",
            """
            import durable_async as da


            @da.activity
            async def grade(essay: str) -> int: ...


            @da.orchestrator
            async def grading(essays: list[str], teacher: str) -> int:
                total = 0
                for number, essay in enumerate(essays):
                    da.set_custom_status(f"{number} of {len(essays)}")
                    total += await grade(essay)
                da.send_event(teacher, "graded", total)
                return total
            """,
        ),
        Example(
            "The client starts a call, and a test hands it on.",
            """
            import durable_async as da


            @da.activity
            async def greet(name: str) -> str: ...


            @da.orchestrator
            async def welcome(name: str) -> str:
                return await greet(name)


            async def submit(client: da.Client, names: list[str]) -> None:
                for name in names:
                    await client.start(welcome(name), id=f"welcome-{name}")


            if __name__ == "__main__":
                da.run(welcome("Ada"))
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "Nobody is charged.",
            """
            import durable_async as da


            @da.activity
            async def charge(order: str) -> None: ...


            @da.activity
            async def ship(order: str) -> None: ...


            @da.orchestrator
            async def checkout(order: str) -> None:
                charge(order)  # DUR133
                await ship(order)
            """,
            mended="""
            import durable_async as da


            @da.activity
            async def charge(order: str) -> None: ...


            @da.activity
            async def ship(order: str) -> None: ...


            @da.orchestrator
            async def checkout(order: str) -> None:
                await charge(order)
                await ship(order)
            """,
        ),
        Example(
            "A call is always true.",
            """
            import durable_async as da


            @da.activity
            async def in_stock(item: str) -> bool: ...


            @da.activity
            async def order(item: str) -> None: ...


            @da.orchestrator
            async def restock(items: list[str]) -> None:
                for item in items:
                    if not in_stock(item):  # DUR133
                        await order(item)
            """,
            mended="""
            import durable_async as da


            @da.activity
            async def in_stock(item: str) -> bool: ...


            @da.activity
            async def order(item: str) -> None: ...


            @da.orchestrator
            async def restock(items: list[str]) -> None:
                for item in items:
                    if not await in_stock(item):
                        await order(item)
            """,
        ),
        Example(
            "A timer that nobody waits for.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def retry(job: str) -> bool: ...


            async def pause(seconds: float) -> None:
                await asyncio.sleep(seconds)


            @da.orchestrator
            async def patient(job: str) -> bool:
                for seconds in (10, 60, 300):
                    if await retry(job):
                        return True
                    asyncio.sleep(seconds)  # DUR133
                    pause(seconds)  # DUR133
                da.sleep(3600)  # DUR133
                return await retry(job)
            """,
            mended="""
            import asyncio

            import durable_async as da


            @da.activity
            async def retry(job: str) -> bool: ...


            async def pause(seconds: float) -> None:
                await asyncio.sleep(seconds)


            @da.orchestrator
            async def patient(job: str) -> bool:
                for seconds in (10, 60, 300):
                    if await retry(job):
                        return True
                    await asyncio.sleep(seconds)
                    await pause(seconds)
                await da.sleep(3600)
                return await retry(job)
            """,
        ),
        Example(
            "A name that nobody reads.",
            """
            import durable_async as da


            @da.activity
            async def audit(account: str) -> None: ...


            @da.orchestrator
            async def close(account: str) -> None:
                await audit(account)


            @da.orchestrator
            async def close_all(accounts: list[str]) -> int:
                for account in accounts:
                    closing = close(account)  # DUR133
                answer = da.wait_for_event("confirmed", bool)  # DUR133
                return len(accounts)
            """,
            mended="""
            import durable_async as da


            @da.activity
            async def audit(account: str) -> None: ...


            @da.orchestrator
            async def close(account: str) -> None:
                await audit(account)


            @da.orchestrator
            async def close_all(accounts: list[str]) -> int:
                for account in accounts:
                    closing = await close(account)
                answer = await da.wait_for_event("confirmed", bool)
                return len(accounts)
            """,
        ),
        Example(
            "The result's attributes and items, taken of the call.",
            """
            from dataclasses import dataclass

            import durable_async as da


            @dataclass
            class Quote:
                cents: int


            @da.activity
            async def quote(item: str) -> Quote: ...


            @da.activity
            async def names(shelf: str) -> list[str]: ...


            @da.orchestrator
            async def price(shelf: str) -> str:
                first = names(shelf)[0]  # DUR133
                cents = quote(first).cents  # DUR133
                return f"{first}: {cents}, {quote(first)}"  # DUR133
            """,
            mended="""
            from dataclasses import dataclass

            import durable_async as da


            @dataclass
            class Quote:
                cents: int


            @da.activity
            async def quote(item: str) -> Quote: ...


            @da.activity
            async def names(shelf: str) -> list[str]: ...


            @da.orchestrator
            async def price(shelf: str) -> str:
                first = (await names(shelf))[0]
                cents = (await quote(first)).cents
                return f"{first}: {cents}, {await quote(first)}"
            """,
        ),
        Example(
            "Activities and orchestrators are looked at where no orchestrator is.",
            """
            # file: flows.py
            import durable_async as da


            @da.activity
            async def refund(order: str) -> None: ...


            @da.orchestrator
            async def cancel(order: str) -> None:
                await refund(order)

            # file: views.py
            from flows import cancel, refund


            async def cancel_view(order: str) -> dict[str, str]:
                cancel(order)  # DUR133
                return {"order": order}


            def refund_command(orders: list[str]) -> None:
                for order in orders:
                    refund(order)  # DUR133
            """,
        ),
        Example(
            "A method of an instance with activities.",
            """
            import durable_async as da


            class Payments:
                @da.activity
                async def capture(self, order: str, cents: int) -> str: ...

                @da.activity
                async def void(self, order: str) -> None: ...


            @da.orchestrator
            async def settle(order: str, cents: int) -> str:
                if cents <= 0:
                    Payments.void(order)  # DUR133
                    return ""
                return await Payments.capture(order, cents)
            """,
            mended="""
            import durable_async as da


            class Payments:
                @da.activity
                async def capture(self, order: str, cents: int) -> str: ...

                @da.activity
                async def void(self, order: str) -> None: ...


            @da.orchestrator
            async def settle(order: str, cents: int) -> str:
                if cents <= 0:
                    await Payments.void(order)
                    return ""
                return await Payments.capture(order, cents)
            """,
        ),
    )

    def judge(self, seen: Observation) -> Verdict | None:
        if not isinstance(seen, DroppedCall):
            return None
        words = words_of(seen)
        return Verdict(
            message=(
                f"`{seen.name}(...)` {_USES.get(seen.use, 'is never awaited')}, so"
                f" {_lost(seen.kind)}; {_advice(seen, words)}"
            ),
            subject=seen.name,
            fixable=seen.in_async and is_ours(seen) and not _for_a_client(seen),
        )


def _for_a_client(seen: DroppedCall) -> bool:
    """An orchestrator that is awaited outside of one runs as plain code, which nobody meant."""
    return seen.kind is Pending.ORCHESTRATOR and not seen.reached


def _lost(kind: Pending) -> str:
    match kind:
        case Pending.ACTIVITY:
            return "the activity never runs"
        case Pending.ORCHESTRATOR:
            return "the orchestrator never starts"
        case Pending.TIMER:
            return "nothing waits"
        case Pending.EVENT:
            return "the event is not waited for"
        case Pending.COROUTINE:
            return "none of its body runs"
        case _:
            assert_never(kind)


def _advice(seen: DroppedCall, words: Words) -> str:
    """What to write before it, or where else it may go."""
    if words.await_ != "await":
        return f"write `{words.await_}` before it"
    if _for_a_client(seen):
        return f"start it by `await client.start({seen.name}(...))`"
    if not seen.in_async:
        return "return it to a caller who awaits it, or make this function an `async def`"
    if seen.use == "as a value":
        return f"write `await {seen.name}(...)`"
    return f"write `await {seen.name}(...)`, or give it to `asyncio.create_task(...)`"
