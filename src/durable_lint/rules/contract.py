"""DUR152: a definition whose place or signature cannot work."""

from typing import ClassVar, assert_never

from durable_lint.reach.observations import ContractFault, Fault, Observation
from durable_lint.rule import Example, Rule, Verdict

__all__ = ["Contract"]


class Contract(Rule):
    code = "DUR152"
    category = "contract"
    summary = "an orchestrator or activity whose signature or place cannot work"
    observes: ClassVar[tuple[type[Observation], ...]] = (ContractFault,)
    explanation = """\
What goes into an orchestrator or an activity, and what comes out, is stored and made again: in
another process, perhaps in another month. That sets terms for a definition:

- An orchestrator is an `async def`: it waits.
- It stands at the top of its module, where the worker finds it again after a restart. One that
  is defined inside of a function is another one at each call.
- Its parameters and its result have annotations: by them values are made of what was stored.
  Without, a dataclass comes back as a `dict`, and a `UUID` as a text.
- Their types can be stored: numbers, texts, bytes, dates, lists, dicts, sets, dataclasses,
  classes of attrs, pydantic and msgspec, enums. A file, a lock, a socket, a session, a
  function, a generator or a task lives in its process only. Pass what it is made of - a path,
  an address - and make it in the activity. So it is with a class that has such a field, unless
  the field has a default or is none of the constructor's: every value would have one. A dataclass
  with an `InitVar` cannot be made again from its fields. In a project that gives its converter
  hooks for classes, this is not asked of fields.
- Its name is its own. Two orchestrators of one name cannot be given to one worker, unless they
  are versions.
"""
    before = """\
from typing import TextIO

import durable_async


@durable_async.activity
async def count(file: TextIO) -> int:
    return len(file.readlines())


@durable_async.orchestrator
async def lines(file):
    return await count(file)
"""
    after = """\
import durable_async


@durable_async.activity
def count(path: str) -> int:
    with open(path) as file:
        return len(file.readlines())


@durable_async.orchestrator
async def lines(path: str) -> int:
    return await count(path)
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "Annotations of types that can be stored.",
            """
            from dataclasses import dataclass
            from datetime import datetime
            from enum import Enum
            from uuid import UUID

            import durable_async as da


            class Speed(Enum):
                SLOW = "slow"
                FAST = "fast"


            @dataclass
            class Parcel:
                id: UUID
                grams: int
                tags: set[str]


            @da.activity
            async def send(parcel: Parcel, speed: Speed) -> datetime: ...


            @da.orchestrator
            async def ship(parcels: list[Parcel], speed: Speed | None = None) -> list[datetime]:
                return [await send(parcel, speed or Speed.SLOW) for parcel in parcels]
            """,
        ),
        Example(
            "Two versions of one name.",
            """
            import durable_async as da


            @da.activity
            async def charge(order: str) -> None: ...


            @da.orchestrator(version="1")
            async def checkout(order: str) -> None:
                await charge(order)


            @da.orchestrator(name="checkout", version="2")
            async def checkout_2(order: str, cents: int) -> int:
                await charge(order)
                return cents
            """,
        ),
        Example(
            "An activity may be a plain def, and a method.",
            """
            import sqlite3

            import durable_async as da


            class Accounts:
                def __init__(self, connection: sqlite3.Connection) -> None:
                    self.connection = connection

                @da.activity
                def balance(self, account: str) -> int:
                    return len(account)


            @da.activity
            def slug(title: str) -> str:
                return title.lower()


            @da.orchestrator
            async def describe(account: str) -> str:
                return f"{await slug(account)}: {await Accounts.balance(account)}"
            """,
        ),
        Example(
            "A field that has a default need not be stored.",
            """
            from collections.abc import Callable
            from dataclasses import dataclass, field
            from typing import ClassVar

            import durable_async as da


            @dataclass
            class Query:
                text: str
                scored: Callable[[str], float] | None = None
                found: ClassVar[Callable[[str], bool]] = bool
                pages: list["Query"] = field(default_factory=list)


            @da.activity
            async def search(text: str) -> list[str]: ...


            @da.orchestrator
            async def look_up(query: Query) -> list[str]:
                return await search(query.text)
            """,
        ),
        Example(
            "Helpers may take and give what they like.",
            """
            from collections.abc import Callable, Iterator

            import durable_async as da


            def batches(items, size):
                for start in range(0, len(items), size):
                    yield items[start : start + size]


            def mapped(function: Callable[[str], str], items: list[str]) -> Iterator[str]:
                return map(function, items)


            @da.activity
            async def load(items: list[str]) -> int: ...


            @da.orchestrator
            async def import_all(items: list[str]) -> int:
                names = list(mapped(str.strip, items))
                return sum([await load(batch) for batch in batches(names, 100)])
            """,
        ),
        Example(
            "Coroutines inside of an orchestrator are no definitions.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def fetch(url: str) -> str: ...


            @da.orchestrator
            async def first(urls: list[str]) -> str:
                winner = asyncio.get_running_loop().create_future()

                async def one(url):
                    page = await fetch(url)
                    if not winner.done():
                        winner.set_result(page)

                tasks = [asyncio.create_task(one(url)) for url in urls]
                page = await winner
                for task in tasks:
                    task.cancel()
                return str(page)
            """,
        ),
        Example(
            "Defaults, and arguments by keyword only.",
            """
            from typing import Any

            import durable_async as da


            @da.activity
            async def notify(to: str, *, subject: str = "", data: dict[str, Any]) -> None: ...


            @da.orchestrator
            async def campaign(to: list[str], *, subject: str = "News", limit: int = 10) -> None:
                for reader in to[:limit]:
                    await notify(reader, subject=subject, data={"limit": limit})
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "An orchestrator that cannot wait.",
            """
            import durable_async as da


            @da.activity
            async def greet(name: str) -> None: ...


            @da.orchestrator
            def welcome(name: str) -> str:  # DUR152
                return name
            """,
        ),
        Example(
            "Without annotations values come back as something else.",
            """
            import durable_async as da


            @da.activity
            async def charge(order: str, cents: int) -> str: ...


            @da.orchestrator
            async def checkout(
                order: str,
                cents,  # DUR152
            ) -> str:
                return await charge(order, cents)


            @da.orchestrator
            async def checkout_all(orders: dict[str, int]):  # DUR152
                return [await checkout(order, cents) for order, cents in orders.items()]
            """,
        ),
        Example(
            "An orchestrator that is another one at each call.",
            """
            from typing import Any

            import durable_async as da


            @da.activity
            async def run(step: str) -> None: ...


            def pipeline(steps: list[str]) -> Any:
                @da.orchestrator
                async def run_all(prefix: str) -> None:  # DUR152
                    for step in steps:
                        await run(prefix + step)

                return run_all
            """,
        ),
        Example(
            "Two orchestrators of one name.",
            """
            import durable_async as da


            @da.activity
            async def approve(order: str) -> bool: ...


            @da.orchestrator
            async def purchase(order: str) -> bool:
                return await approve(order)


            @da.orchestrator(name="purchase")
            async def large_purchase(order: str) -> bool:  # DUR152
                return await approve(order) and await approve(f"{order}, once more")
            """,
        ),
        Example(
            "A file, a lock and a session live in their process only.",
            """
            import asyncio
            from typing import TextIO

            import aiohttp

            import durable_async as da


            @da.activity
            async def upload(session: aiohttp.ClientSession, name: str) -> None: ...  # DUR152


            @da.activity
            def write(file: TextIO, line: str) -> int: ...  # DUR152


            @da.orchestrator
            async def publish(name: str, lock: asyncio.Lock) -> None:  # DUR152
                async with lock:
                    await da.sleep(1)
            """,
        ),
        Example(
            "Functions and generators cannot be stored.",
            """
            from collections.abc import Callable, Iterator

            import durable_async as da


            @da.activity
            async def rows(table: str) -> Iterator[str]: ...  # DUR152


            @da.orchestrator
            async def export(table: str, keep: Callable[[str], bool]) -> int:  # DUR152
                return len([row for row in await rows(table) if keep(row)])
            """,
        ),
        Example(
            "A dataclass with a function in it is a function too, wherever it stands.",
            """
            from collections.abc import Callable
            from dataclasses import dataclass

            import durable_async as da


            @dataclass
            class Listener:
                name: str
                heard: Callable[[str], None]


            @dataclass
            class Topic:
                listeners: list[Listener]


            @da.activity
            async def publish(topic: Topic, text: str) -> None: ...  # DUR152


            @da.orchestrator
            async def announce(listener: Listener | None) -> None:  # DUR152
                await da.sleep(1)
            """,
        ),
        Example(
            "Temporal too makes arguments by their annotations.",
            """
            from temporalio import workflow


            @workflow.defn
            class Shipment:
                @workflow.run
                async def run(self, order) -> str:  # DUR152
                    return order.number
            """,
            settings='dialects = ["temporalio"]',
        ),
        Example(
            "A task of asyncio, also as part of another type.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def step(name: str) -> int: ...


            @da.orchestrator
            async def parallel(names: list[str]) -> list[asyncio.Task[int]]:  # DUR152
                return [asyncio.create_task(step(name)) for name in names]
            """,
        ),
    )

    def judge(self, seen: Observation) -> Verdict | None:
        if not isinstance(seen, ContractFault):
            return None
        return Verdict(message=_message(seen), subject=f"{seen.definition}: {seen.fault.value}")


def _message(seen: ContractFault) -> str:
    """What is wrong with the definition, and what to do."""
    what = f"{seen.kind} `{seen.definition}`"
    match seen.fault:
        case Fault.NOT_ASYNC:
            return f"{what} is not an `async def`, so it cannot wait; write `async def`"
        case Fault.METHOD:
            return (
                f"orchestrator `{seen.definition}` is a method, and a worker has no object to call"
                " it on after a restart; make it a function, and give it what it needs as arguments"
            )
        case Fault.NESTED:
            return (
                f"{what} is defined inside of a function, where no worker finds it after a restart;"
                " move it to the top of the module, and pass in what it uses"
            )
        case Fault.SAME_NAME:
            other = seen.detail.rpartition("/")[2]
            return (
                f"{what} has the name of the one at {other}, and a worker cannot tell them apart;"
                " give it another name, or both a version"
            )
        case Fault.NO_ANNOTATION:
            return (
                f"parameter `{seen.detail}` of {what} has no annotation, so a stored value comes"
                " back as plain JSON; annotate it"
            )
        case Fault.NO_RESULT_ANNOTATION:
            return (
                f"{what} has no result annotation, so a stored result comes back as plain JSON;"
                " annotate it, with `-> None` if there is none"
            )
        case Fault.NO_CONVERTER if seen.part:
            return (
                f"`{seen.detail}` in the signature of {what} cannot be stored, as its field"
                f" `{seen.part}` lives in its process only; pass what that is made of, and make it"
                " in the activity"
            )
        case Fault.NO_CONVERTER:
            return (
                f"`{seen.detail}` in the signature of {what} cannot be stored, as it lives in its"
                " process only; pass what it is made of, and make it in the activity"
            )
        case Fault.INIT_VARIABLE:
            return (
                f"`{seen.detail}` in the signature of {what} cannot be made again from its fields,"
                f" as `{seen.part}` is an InitVar, which is none; make it a field, or give the"
                " converter a hook for the class"
            )
        case _:
            assert_never(seen.fault)
