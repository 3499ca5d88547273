"""What clients do with entities, where it is refused."""

from typing import Any

import attrs
import pytest

import durable_async as da
from durable_async.client.entities import EntityClient
from durable_async.testing import environment


@da.entity
@attrs.define
class Counter:
    value: int = 0

    def add(self, amount: int) -> int:
        self.value += amount
        return self.value

    async def ask(self, client: str) -> None:
        await CLIENTS[client].read_entity(Counter, "c")


CLIENTS: dict[str, da.Client] = {}


@da.orchestrator
async def asks() -> None:
    await da.entity_ref(Counter, "c").call(Counter.ask, "it")


@da.orchestrator
async def signals() -> None:
    await CLIENTS["it"].signal_entity(da.entity_ref(Counter, "c"), Counter.add, 1)


async def test_what_is_no_entity_is_refused() -> None:
    async with environment([]) as env:
        for wrong in (int, Counter(), "Counter"):
            with pytest.raises(TypeError, match="is no entity: give the class itself"):
                await env.client.read_entity(wrong, "c")  # type: ignore[type-var, arg-type, unused-ignore]
        with pytest.raises(TypeError, match="is no entity"):
            env.client.list_entities(int)
        with pytest.raises(ValueError, match="must not be empty"):
            await env.client.read_entity(Counter, "")


async def test_what_cannot_be_asked_is_refused_and_nothing_is_sent() -> None:
    async with environment([Counter]) as env:
        ref: Any = da.entity_ref(Counter, "c")
        with pytest.raises(da.SerializationError):
            await env.client.signal_entity(ref, Counter.add, "5")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="missing 1 required"):
            await env.client.signal_entity(ref, Counter.add)  # type: ignore[call-arg]
        with pytest.raises(TypeError, match="an operation is a method"):
            await env.client.signal_entity(ref, "add")  # type: ignore[arg-type]
        ref = "c"
        with pytest.raises(TypeError, match=r"da\.entity_ref\(Counter, 'k'\).* and not to 'c'"):
            await env.client.signal_entity(ref, Counter.add, 5)
        await env.advance(1)
        assert await env.client.read_entity(Counter, "c") is None


@pytest.mark.parametrize("orchestrator", [asks, signals], ids=["operation", "orchestrator"])
async def test_orchestrators_and_operations_do_not_use_a_client(
    orchestrator: da.Orchestrator[[], None],
) -> None:
    async with environment([Counter, asks, signals]) as env:
        CLIENTS["it"] = env.client
        with pytest.raises(da.NotDurableError, match="a client is used"):
            await (await env.client.start(orchestrator())).result()
        await env.advance(1)
        assert await env.client.read_entity(Counter, "c") is None


async def test_a_closed_client_says_so() -> None:
    async with environment([Counter]) as env:
        client = env.client
    with pytest.raises(RuntimeError, match="not open"):
        await client.read_entity(Counter, "c")


def test_the_seams_are_those_of_the_client() -> None:
    for seam in ("connection", "converter"):
        with pytest.raises(NotImplementedError):
            getattr(EntityClient(), seam)
