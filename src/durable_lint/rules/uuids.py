"""DUR112: identifiers that are new at each replay."""

from typing import ClassVar

from durable_lint.reach.observations import How, Use
from durable_lint.rule import Example
from durable_lint.rules.dialects import Words
from durable_lint.rules.vocabulary_rule import VocabularyRule

__all__ = ["Uuids"]


class Uuids(VocabularyRule):
    code = "DUR112"
    category = "uuid"
    summary = "an identifier that is new at each replay"
    harm = "makes another identifier at each replay, so that what was begun under the first is lost"
    mends = "makes `durable_async.uuid4()` of `uuid.uuid4()`"
    explanation = """\
An identifier is made to find something again. One that is made in an orchestrator by
`uuid.uuid4()` is another one after each restart: the payment that was begun under the first is
begun again under the second, and an activity is called with other arguments than history holds.

`durable_async.uuid4()` gives the same identifier at each replay, and another one in each
instance. An identifier that is computed from something, by `uuid.uuid5(namespace, name)`, is
deterministic as well. For the sake of a service that knows idempotency keys you need neither:
the activity's `activity_info().idempotency_key` is the same for all attempts of one call.

One that is made when a module is imported, `BOOT = uuid4()`, is another one in each process: it is
reported where an orchestrator reads it.
"""
    before = """\
import uuid

import durable_async


@durable_async.orchestrator
async def pay(order: str, cents: int) -> str:
    payment = str(uuid.uuid4())
    await charge(payment, order, cents)
    return payment
"""
    after = """\
import durable_async


@durable_async.orchestrator
async def pay(order: str, cents: int) -> str:
    payment = str(durable_async.uuid4())
    await charge(payment, order, cents)
    return payment
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "The durable uuid4 gives the same at each replay.",
            """
            import durable_async as da


            @da.activity
            async def reserve(seat: str, reservation: str) -> None: ...


            @da.orchestrator
            async def book(seats: list[str]) -> str:
                reservation = str(da.uuid4())
                for seat in seats:
                    await reserve(seat, reservation)
                return reservation
            """,
        ),
        Example(
            "uuid5 and uuid3 are computed from what they are given.",
            """
            import uuid

            import durable_async as da

            SHOP = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


            @da.activity
            async def store(key: str, text: str) -> None: ...


            def key_of(order: str) -> str:
                return f"{uuid.uuid5(SHOP, order)}-{uuid.uuid3(uuid.NAMESPACE_URL, order)}"


            @da.orchestrator
            async def save(order: str) -> None:
                await store(key_of(order), order)
            """,
        ),
        Example(
            "Reading an identifier that exists makes none.",
            """
            from uuid import UUID

            import durable_async as da


            @da.activity
            async def load(document: UUID) -> str: ...


            @da.orchestrator
            async def preview(text: str) -> str:
                document = UUID(text)
                if document.version != 4:
                    return ""
                return await load(document)
            """,
        ),
        Example(
            "An activity may make one: its result is recorded.",
            """
            import uuid

            import durable_async as da


            @da.activity
            async def open_case(customer: str) -> str:
                return f"{customer}-{uuid.uuid4()}"


            @da.orchestrator
            async def complain(customer: str) -> str:
                return await open_case(customer)
            """,
        ),
        Example(
            "The client's side gives instances their ids.",
            """
            import uuid

            import durable_async as da


            @da.activity
            async def greet(name: str) -> None: ...


            @da.orchestrator
            async def welcome(name: str) -> None:
                await greet(name)


            async def submit(client: da.Client, name: str) -> str:
                handle = await client.start(welcome(name), id=f"welcome-{uuid.uuid4()}")
                return handle.id
            """,
        ),
        Example(
            "A function of one's own that is called uuid4.",
            """
            # file: ids.py
            import durable_async as da


            def uuid4(prefix: str) -> str:
                return f"{prefix}_{da.uuid4().hex}"

            # file: flows.py
            import durable_async as da

            from ids import uuid4


            @da.activity
            async def create_bucket(name: str) -> None: ...


            @da.orchestrator
            async def provision(team: str) -> str:
                name = uuid4(team)
                await create_bucket(name)
                return name
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "An identifier of the process, made when the module was imported.",
            """
            import uuid

            import durable_async as da

            BOOT = uuid.uuid4()
            NAMES = uuid.uuid5(uuid.NAMESPACE_DNS, "shop.example")


            @da.activity
            async def book(order: str, key: str) -> None: ...


            @da.orchestrator
            async def checkout(order: str) -> str:
                await book(order, f"{BOOT}/{order}")  # DUR112
                return str(uuid.uuid5(NAMES, order))
            """,
        ),
        Example(
            "Each replay charges under another key.",
            """
            import uuid

            import durable_async as da


            @da.activity
            async def charge(key: str, cents: int) -> None: ...


            @da.orchestrator
            async def pay(cents: int) -> str:
                key = str(uuid.uuid4())  # DUR112
                await charge(key, cents)
                return key
            """,
            mended="""
            import durable_async as da


            @da.activity
            async def charge(key: str, cents: int) -> None: ...


            @da.orchestrator
            async def pay(cents: int) -> str:
                key = str(da.uuid4())
                await charge(key, cents)
                return key
            """,
        ),
        Example(
            "A name that was imported alone, in a helper.",
            """
            # file: names.py
            from uuid import UUID, uuid4


            def parse(text: str) -> UUID:
                return UUID(text)


            def fresh_name(prefix: str) -> str:
                return f"{prefix}-{uuid4().hex[:8]}"  # DUR112

            # file: flows.py
            import durable_async as da

            from names import fresh_name


            @da.activity
            async def create_vm(name: str) -> None: ...


            @da.orchestrator
            async def scale(count: int) -> None:
                for _ in range(count):
                    await create_vm(fresh_name("web"))
            """,
            mended="""
            # file: names.py
            from uuid import UUID

            import durable_async


            def parse(text: str) -> UUID:
                return UUID(text)


            def fresh_name(prefix: str) -> str:
                return f"{prefix}-{durable_async.uuid4().hex[:8]}"

            # file: flows.py
            import durable_async as da

            from names import fresh_name


            @da.activity
            async def create_vm(name: str) -> None: ...


            @da.orchestrator
            async def scale(count: int) -> None:
                for _ in range(count):
                    await create_vm(fresh_name("web"))
            """,
        ),
        Example(
            "A default_factory calls it whenever the class is made.",
            """
            import uuid
            from dataclasses import dataclass, field

            import durable_async as da


            @dataclass
            class Message:
                text: str
                id: uuid.UUID = field(default_factory=uuid.uuid4)  # DUR112


            @da.activity
            async def send(id: uuid.UUID, text: str) -> None: ...


            @da.orchestrator
            async def broadcast(texts: list[str]) -> None:
                for message in [Message(text) for text in texts]:
                    await send(message.id, message.text)
            """,
            mended="""
            import uuid
            from dataclasses import dataclass, field

            import durable_async as da


            @dataclass
            class Message:
                text: str
                id: uuid.UUID = field(default_factory=da.uuid4)


            @da.activity
            async def send(id: uuid.UUID, text: str) -> None: ...


            @da.orchestrator
            async def broadcast(texts: list[str]) -> None:
                for message in [Message(text) for text in texts]:
                    await send(message.id, message.text)
            """,
        ),
        Example(
            "uuid1 and getnode are made of the host and its clock.",
            """
            import uuid

            import durable_async as da


            @da.activity
            async def register(node: int, session: str) -> None: ...


            @da.orchestrator
            async def join() -> None:
                session = uuid.uuid1().hex  # DUR112
                await register(uuid.getnode(), session)  # DUR112
            """,
        ),
        Example(
            "Other libraries' identifiers are new at each replay too.",
            """
            import shortuuid
            from nanoid import generate

            import durable_async as da


            @da.activity
            async def publish(slug: str, secret: str) -> None: ...


            @da.orchestrator
            async def share(document: str) -> str:
                slug = f"{document}-{shortuuid.uuid()}"  # DUR112
                await publish(slug, generate(size=10))  # DUR112
                return slug
            """,
        ),
        Example(
            "An object's constructor that gives itself an id.",
            """
            import uuid

            import durable_async as da


            @da.activity
            async def run_tool(call: str, tool: str) -> str: ...


            class ToolCall:
                def __init__(self, tool: str) -> None:
                    self.id = f"call_{uuid.uuid4().hex}"  # DUR112
                    self.tool = tool


            @da.orchestrator
            async def agent(tools: list[str]) -> list[str]:
                calls = [ToolCall(tool) for tool in tools]
                return [await run_tool(call.id, call.tool) for call in calls]
            """,
            mended="""
            import durable_async as da


            @da.activity
            async def run_tool(call: str, tool: str) -> str: ...


            class ToolCall:
                def __init__(self, tool: str) -> None:
                    self.id = f"call_{da.uuid4().hex}"
                    self.tool = tool


            @da.orchestrator
            async def agent(tools: list[str]) -> list[str]:
                calls = [ToolCall(tool) for tool in tools]
                return [await run_tool(call.id, call.tool) for call in calls]
            """,
        ),
    )

    def advice(self, seen: Use, words: Words) -> str:
        if seen.name == "uuid.getnode":
            return words.activity
        if seen.how is How.REFERENCE:
            return f"hand on `{words.uuid.removesuffix('()')}`"
        if seen.name.startswith("uuid."):
            return f"use `{words.uuid}`"
        return f"use `{words.uuid}`, or compute it from what is known by `uuid.uuid5(...)`"

    def fixable(self, seen: Use) -> bool:
        return seen.name == "uuid.uuid4" and seen.positional + len(seen.keywords) == 0
