"""What passes through a codec, and how often."""

from __future__ import annotations

import attrs

import durable_async as da
from durable_async import testing
from durable_async.model.payload import Payload


class Counting:
    """A codec that counts what it encodes."""

    def __init__(self) -> None:
        self.encoded: list[bytes] = []

    def encode(self, payload: Payload) -> Payload:
        self.encoded.append(payload.data)
        return Payload(payload.data[::-1], "backwards")

    def decode(self, payload: Payload) -> Payload:
        if payload.encoding != "backwards":
            return payload
        return Payload(payload.data[::-1])


@da.entity
@attrs.define
class Counter:
    value: int = 0

    def add(self, amount: int) -> int:
        self.value += amount
        return self.value


@da.activity
async def double(number: int) -> int:
    return number * 2


@da.orchestrator
async def child(text: str) -> str:
    return text


@da.orchestrator
async def everything() -> int:
    counter = da.entity_ref(Counter, "one")
    da.set_custom_status("begun")
    da.send_event("nobody", "hello", "there")
    counter.signal(Counter.add, 100)
    later = double(3)  # made now, and issued when much has happened
    total = await double(1) + await counter.call(Counter.add, 1)
    await (await da.start(child("detached"))).result()
    await child("awaited")
    async for request in da.requests("question", str):
        request.reply("answer")
        break
    await da.wait_for_event("go")
    return total + await later


async def encoded(*, rebuild: bool) -> list[bytes]:
    codec = Counting()
    functions = [everything, child, double, Counter]
    async with testing.environment(functions, codec=codec, rebuild=rebuild) as env:
        handle = await env.client.start(everything())
        assert await handle.ask("question", "?", str) == "answer"
        await handle.raise_event("go")
        assert await handle.result() == 2 + 101 + 6
    return sorted(codec.encoded)


async def test_a_rebuilt_coroutine_puts_nothing_through_the_codec_again() -> None:
    assert await encoded(rebuild=True) == await encoded(rebuild=False)
