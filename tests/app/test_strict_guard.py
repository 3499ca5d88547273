"""`guard="strict"` over everything that an orchestrator may do: it refuses nothing of our own."""

from __future__ import annotations

import asyncio
import http.server
import random
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

import durable_async as da
from durable_async import testing
from durable_async.codecs import ChainCodec, CompressionCodec, EncryptionCodec

PATIENCE = 30


@da.entity
@attrs.define
class Tally:
    total: int = 0
    seen: list[str] = attrs.field(factory=list)

    def add(self, amount: int) -> int:
        self.total += amount
        return self.total

    async def look_around(self) -> int:
        """All that an operation may do."""
        self.seen.append(f"{da.now():%Y} {da.uuid4().version} {da.random().random() < 1}")
        await asyncio.sleep(0)
        da.entity_ref(Tally, "other").signal(Tally.add, self.total)
        da.entity_ref(Tally, "other").signal_at(da.now() + timedelta(days=999), Tally.add, 1)
        return len(self.seen)

    def chance(self) -> float:
        return random.random()


@da.activity(retry=da.RetryPolicy(max_attempts=2, initial_interval=0.01))
async def flaky(number: int) -> int:
    if da.activity_info().attempt == 1:
        raise ValueError(f"{number} is not to my liking")
    return number


@da.activity
async def refuses() -> None:
    raise KeyError("no")


@da.orchestrator(name="strict_child")
async def child(number: int) -> int:
    await asyncio.sleep(0.001)
    return number


@da.orchestrator
async def answers() -> int:
    async for request in da.requests("question", int):
        request.reply(request.data + 1)
        return request.data
    raise AssertionError


@da.orchestrator
async def everything(url: str) -> list[int]:
    tally, other = da.entity_ref(Tally, "a"), da.entity_ref(Tally, "b")
    tally.signal(Tally.add, 1)
    async with da.lock(tally, other, "name"):
        await tally.call(Tally.add, 2)
        await other.call(Tally.look_around)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        tasks = [group.create_task(call) for call in (flaky(1), child(2))]
    try:
        await refuses()
    except KeyError:
        da.get_logger("strict").info("it was refused")
    da.set_custom_status({"now": da.now().isoformat(), "id": str(da.uuid4())})
    da.side_effect(time.time)
    assert da.patched("strict")
    answer = await da.call_http("GET", url, allow_private=True)
    question = await da.start(answers(), id="question", if_exists="attach")
    results = [task.result() for task in tasks]
    return [await tally.call(Tally.add, 3), *results, answer.status, await question.result()]


@da.orchestrator
async def asks_for_chance() -> float:
    return await da.entity_ref(Tally, "c").call(Tally.chance)


@da.orchestrator
async def library_by_callback() -> bool:
    """Python's own library makes the call, and the loop calls that."""
    made: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def later() -> None:
        try:
            uuid.uuid4()
        except da.NotDurableError as error:
            made.set_exception(error)

    asyncio.get_running_loop().call_soon(later)
    await made
    return True


FUNCTIONS = [Tally, flaky, refuses, child, answers, everything, asks_for_chance]


class Handler(http.server.BaseHTTPRequestHandler):
    """Promises an answer once, for no time, and then gives it."""

    asked: dict[str, int]

    def do_GET(self) -> None:
        self.asked[self.path] = self.asked.get(self.path, 0) + 1
        self.send_response(202 if self.asked[self.path] == 1 else 200)
        self.send_header("location", self.path)
        self.send_header("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def server() -> Iterator[str]:
    class OfThisTest(Handler):
        asked: dict[str, int] = {}  # noqa: RUF012 - the class is made for one test

    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OfThisTest)
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}/job"
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.mark.parametrize("codec", [False, True], ids=["plain", "sealed"])
@pytest.mark.parametrize("store", ["sqlite", "memory"])
@pytest.mark.parametrize("cache", [0, 100], ids=["rebuilt", "kept"])
async def test_strict_refuses_nothing_of_what_is_durable(
    store: str, codec: bool, cache: int, tmp_path: Path, server: str
) -> None:
    url = f"sqlite:///{tmp_path / 'strict.db'}" if store == "sqlite" else "sqlite://"
    seal = ChainCodec(CompressionCodec(), EncryptionCodec({"k": bytes(32)}))
    async with (
        da.Client(url, codec=seal if codec else None) as client,
        da.Worker(client, FUNCTIONS, guard="strict", cache=cache),
    ):
        asked = await client.start(answers(), id="question")
        handle = await client.start(everything(server))
        assert await asked.ask("question", 41, int, timeout=PATIENCE) == 42
        assert await handle.result(timeout=PATIENCE) == [6, 1, 2, 200, 41]
        other = await client.read_entity(Tally, "b")
        assert other is not None
        assert other.seen[0].endswith(" 4 True")


async def test_strict_refuses_chance_in_an_operation() -> None:
    async with testing.environment(FUNCTIONS, guard="strict") as env:
        with pytest.raises(da.NotDurableError, match=r"Random\.random"):
            await (await env.client.start(asks_for_chance())).result()


async def test_strict_refuses_what_a_callback_does_by_the_standard_library() -> None:
    async with testing.environment([library_by_callback], guard="strict") as env:
        with pytest.raises(da.NotDurableError, match=rf"os\.urandom.*{__file__}"):
            await (await env.client.start(library_by_callback())).result()
