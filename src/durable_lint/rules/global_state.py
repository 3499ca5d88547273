"""DUR141: state that the process keeps between instances and between replays."""

from typing import ClassVar, Final

from durable_lint.reach.observations import (
    CachedFunction,
    Observation,
    StateRead,
    StateWrite,
    Use,
)
from durable_lint.rule import Example, Rule, Verdict
from durable_lint.rules.dialects import words_of
from durable_lint.rules.vocabulary_rule import shown

__all__ = ["GlobalState"]

_WAYS: Final[dict[str, str]] = {
    "global": "is assigned to as a global",
    "item": "is changed by assigning to an item of it",
    "attribute": "is assigned to",
    "del": "is deleted from",
    "mutable default": "is changed",
}


class GlobalState(Rule):
    code = "DUR141"
    category = "global_state"
    summary = "state of a module or a class that orchestrators change"
    observes: ClassVar[tuple[type[Observation], ...]] = (StateRead, StateWrite, CachedFunction, Use)
    explanation = """\
A module's variables belong to the process. All instances that it runs share them, a replay
finds them as the last one left them, and the next process begins without them. A counter counts
replays. A cache is full in one process and empty in another: where it answers, no activity is
asked for, and where it does not, one is, which the history does not hold.

The same goes for attributes of a class, for a default such as `seen=[]`, and for
`functools.lru_cache` on a function that an orchestrator reaches.

Keep state in local variables: they are rebuilt by each replay, and that is all the durability
they need. Hand them on as arguments, or in an object that the orchestrator makes. State that
instances share is an entity's, or an activity keeps it in a database. A cache inside of an
activity is fine.

Reading a constant of a module is no finding. A name counts as changed when code that some
orchestrator reaches changes it.
"""
    before = """\
import durable_async

SENT: set[str] = set()


@durable_async.orchestrator
async def remind(customers: list[str]) -> None:
    for customer in customers:
        if customer not in SENT:
            SENT.add(customer)
            await send_reminder(customer)
"""
    after = """\
import durable_async


@durable_async.orchestrator
async def remind(customers: list[str]) -> None:
    sent: set[str] = set()
    for customer in customers:
        if customer not in sent:
            sent.add(customer)
            await send_reminder(customer)
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "Constants of a module may be read.",
            """
            import re

            import durable_async as da

            RATES = {"EUR": 100, "USD": 92}
            WORD = re.compile("[a-z]+")


            @da.activity
            async def book(cents: int) -> None: ...


            @da.orchestrator
            async def convert(cents: int, currency: str) -> int:
                rate = RATES.get(currency, 100)
                await book(cents * rate // 100)
                return len(WORD.findall(currency))
            """,
        ),
        Example(
            "Local state, also in closures, is rebuilt by each replay.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def fetch(url: str) -> str: ...


            @da.orchestrator
            async def crawl(urls: list[str]) -> dict[str, str]:
                pages: dict[str, str] = {}
                failed = 0

                async def one(url: str) -> None:
                    nonlocal failed
                    try:
                        pages[url] = await fetch(url)
                    except ValueError:
                        failed += 1

                await asyncio.gather(*[one(url) for url in urls])
                return pages | {"failed": str(failed)}
            """,
        ),
        Example(
            "State of an object that the orchestrator makes.",
            """
            from dataclasses import dataclass, field

            import durable_async as da


            @dataclass
            class Cart:
                items: list[str] = field(default_factory=list)
                total: int = 0

                def add(self, item: str, cents: int) -> None:
                    self.items.append(item)
                    self.total += cents


            @da.activity
            async def price(item: str) -> int: ...


            @da.orchestrator
            async def shop(items: list[str]) -> int:
                cart = Cart()
                for item in items:
                    cart.add(item, await price(item))
                return cart.total
            """,
        ),
        Example(
            "An activity may keep a cache in its process.",
            """
            from functools import lru_cache

            import durable_async as da

            CLIENTS: dict[str, str] = {}


            @lru_cache(maxsize=100)
            def template(name: str) -> str:
                return name.upper()


            @da.activity
            async def render(name: str) -> str:
                CLIENTS[name] = template(name)
                return CLIENTS[name]


            @da.orchestrator
            async def letters(names: list[str]) -> list[str]:
                return [await render(name) for name in names]
            """,
        ),
        Example(
            "A table that is filled at import, and a local of the same name.",
            """
            from collections.abc import Callable

            import durable_async as da

            HANDLERS: dict[str, Callable[[str], str]] = {}


            def handler(name: str) -> Callable[[Callable[[str], str]], Callable[[str], str]]:
                def register(function: Callable[[str], str]) -> Callable[[str], str]:
                    HANDLERS[name] = function
                    return function

                return register


            @handler("shout")
            def shout(text: str) -> str:
                return text.upper()


            @da.activity
            async def say(text: str) -> None: ...


            @da.orchestrator
            async def speak(texts: list[str]) -> int:
                CLIENTS = []
                for text in texts:
                    CLIENTS.append(text)
                    await say(HANDLERS["shout"](text))
                return len(CLIENTS)
            """,
        ),
        Example(
            "A default that nobody changes, and one that is made anew.",
            """
            import durable_async as da


            @da.activity
            async def send(to: str, tags: list[str]) -> None: ...


            def with_tags(tags: list[str], extra: list[str] = []) -> list[str]:
                return [*tags, *extra]


            def collected(tag: str, into: list[str] | None = None) -> list[str]:
                into = [] if into is None else into
                into.append(tag)
                return into


            @da.orchestrator
            async def notify(to: str) -> None:
                await send(to, with_tags(collected("news")))
            """,
        ),
        Example(
            "An entity's fields are durable.",
            """
            import attrs

            import durable_async as da


            @da.entity
            @attrs.define
            class Stock:
                items: dict[str, int] = attrs.Factory(dict)

                def add(self, item: str, count: int) -> int:
                    self.items[item] = self.items.get(item, 0) + count
                    return self.items[item]


            @da.orchestrator
            async def deliver(shop: str, item: str) -> int:
                stock = da.entity_ref(Stock, shop)
                return await stock.call(Stock.add, item, 12)
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "A cache is full in one process and empty in the next.",
            """
            import durable_async as da

            PRICES: dict[str, int] = {}


            @da.activity
            async def look_up(item: str) -> int: ...


            async def price(item: str) -> int:
                if item not in PRICES:  # DUR141
                    PRICES[item] = await look_up(item)  # DUR141
                return PRICES[item]  # DUR141


            @da.orchestrator
            async def total(items: list[str]) -> int:
                return sum([await price(item) for item in items])
            """,
        ),
        Example(
            "A global counter counts replays.",
            """
            import durable_async as da

            runs = 0


            @da.activity
            async def export(number: int) -> None: ...


            @da.orchestrator
            async def nightly() -> None:
                global runs
                runs += 1  # DUR141
                await export(runs)  # DUR141
            """,
        ),
        Example(
            "lru_cache on a helper that orchestrators reach.",
            """
            # file: tariffs.py
            from functools import lru_cache


            @lru_cache(maxsize=None)  # DUR141
            def tariff(zone: str) -> int:
                return len(zone) * 100

            # file: flows.py
            import durable_async as da

            from tariffs import tariff


            @da.activity
            async def ship(parcel: str, cents: int) -> None: ...


            @da.orchestrator
            async def dispatch(parcels: dict[str, str]) -> None:
                for parcel, zone in parcels.items():
                    await ship(parcel, tariff(zone))
            """,
        ),
        Example(
            "An attribute of a class is one for all instances.",
            """
            import durable_async as da


            class Throttle:
                used = 0
                log: list[str] = []

                def take(self, name: str) -> bool:
                    Throttle.used += 1  # DUR141
                    self.log.append(name)  # DUR141
                    return True


            @da.activity
            async def call(number: str) -> None: ...


            @da.orchestrator
            async def dial(numbers: list[str]) -> None:
                throttle = Throttle()
                for number in numbers:
                    if throttle.take(number):
                        await call(number)
            """,
        ),
        Example(
            "A default that is changed is the same one in the next call.",
            """
            import durable_async as da


            def numbered(name: str, seen: list[str] = []) -> str:
                seen.append(name)  # DUR141
                return f"{name}-{name.count('x')}"


            @da.activity
            async def create(name: str) -> None: ...


            @da.orchestrator
            async def provision(names: list[str]) -> None:
                for name in names:
                    await create(numbered(name))
            """,
        ),
        Example(
            "A table of another module that the orchestrator fills.",
            """
            # file: registry.py
            OPEN: set[str] = set()
            LIMITS = {"small": 10}

            # file: flows.py
            import durable_async as da

            import registry


            @da.activity
            async def open_case(name: str, limit: int) -> None: ...


            @da.orchestrator
            async def intake(name: str) -> bool:
                registry.OPEN.add(name)  # DUR141
                await open_case(name, registry.LIMITS["small"])
                registry.OPEN.discard(name)  # DUR141
                return bool(registry.OPEN)  # DUR141
            """,
        ),
    )

    def judge(self, seen: Observation) -> Verdict | None:
        match seen:
            case StateWrite() if _is_default(seen):
                return Verdict(
                    message=(
                        f"the default `{seen.state}` {_changed(seen)}, and there is one for all"
                        " calls, so a replay finds what earlier ones left; make it in the"
                        " function, from `None`"
                    ),
                    subject=seen.state,
                )
            case StateWrite():
                message = (
                    f"`{seen.state}` {_changed(seen)}, so it outlives the instance, and each"
                    " replay changes it once more"
                )
                return Verdict(message=f"{message}; {_elsewhere(seen)}", subject=seen.state)
            case StateRead():
                # The file's name is enough: a message must not change with a project's place.
                writer = seen.writer.rpartition("/")[2]
                message = (
                    f"`{seen.state}` is changed at {writer}, so what is read here differs from"
                    " process to process"
                )
                return Verdict(message=f"{message}; {_elsewhere(seen)}", subject=seen.state)
            case CachedFunction():
                return Verdict(
                    message=(
                        f"`{seen.decorator}` keeps what `{seen.function}` gave in the process, so"
                        " whether its body runs differs from replay to replay; call it without,"
                        " or cache in an activity"
                    ),
                    subject=seen.function,
                )
            case Use() if seen.entry.category == self.category:
                message = (
                    f"{shown(seen)} works on state of the process, so it finds something else at"
                    " each replay"
                )
                return Verdict(message=f"{message}; {_elsewhere(seen)}", subject=seen.name)
            case _:
                return None


def _is_default(seen: StateWrite) -> bool:
    """Whether it is a parameter's: its state is written `module.function(parameter)`."""
    return seen.way == "mutable default" or seen.state.endswith(")")


def _changed(seen: StateWrite) -> str:
    return _WAYS.get(seen.way, f"is changed by `{seen.way.removeprefix('method ')}()`")


def _elsewhere(seen: Observation) -> str:
    """Where state belongs instead."""
    return (
        "keep it in a local variable or an argument, or, if it must be shared, in"
        f" {words_of(seen).shared}"
    )
