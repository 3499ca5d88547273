"""Instances whose payloads go through a codec: in the store nothing can be read."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import attrs
import pytest

import durable_async as da
from durable_async import testing
from durable_async.codecs import (
    ChainCodec,
    CompressionCodec,
    DirectoryStore,
    EncryptionCodec,
    OffloadCodec,
)

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
PATIENCE = 30

SECRET = "sesame"


class Declined(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.card = f"{SECRET}-attribute"


@da.activity(retry=da.RetryPolicy(max_attempts=2, initial_interval=0.01))
async def charge(card: str) -> str:
    info = da.activity_info()
    if info.last_heartbeat is None:
        da.heartbeat(f"{SECRET}-heartbeat")
        raise Declined(f"{SECRET}-first")
    return f"{SECRET}-result:{info.last_heartbeat}"


@da.activity
async def fail(card: str) -> None:
    password = f"{SECRET}-local"
    try:
        raise KeyError(f"{SECRET}-cause")
    except KeyError as cause:
        error = Declined(f"{SECRET}-message {password}")
        error.add_note(f"{SECRET}-note")
        raise error from cause  # sesame-line, which the traceback quotes


@da.orchestrator
async def child(value: str) -> str:
    return f"{SECRET}-child:{value}"


@da.entity
@attrs.define
class Diary:
    entries: list[str] = attrs.field(factory=list)

    def write(self, entry: str) -> str:
        self.entries.append(entry)
        return f"{SECRET}-written"


@da.orchestrator
async def whole(card: str) -> dict[str, Any]:
    da.set_custom_status(f"{SECRET}-status")
    seen: dict[str, Any] = {"charged": await charge(card)}
    try:
        await fail(card)
    except Declined as declined:
        seen["message"], seen["card"] = str(declined), declined.card
        seen["cause"], seen["note"] = repr(declined.__cause__), declined.__notes__[0]
    seen["event"] = await da.wait_for_event("approved", str)
    seen["side"] = da.side_effect(_side)
    seen["child"] = await child(f"{SECRET}-argument")
    seen["entity"] = await da.entity_ref(Diary, "d").call(Diary.write, f"{SECRET}-entry")
    async for request in da.requests("status", str):
        request.reply(f"{SECRET}-answer:{request.data}")
        break
    raise Declined(f"{SECRET}-end {seen}")


def _side() -> str:
    return f"{SECRET}-side"


FUNCTIONS = [charge, fail, child, Diary, whole]


async def test_nothing_that_users_put_into_a_store_can_be_read_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'sealed.db'}"
    codec = EncryptionCodec({"k": OLD})
    async with da.Client(url, codec=codec) as client, da.Worker(client, FUNCTIONS):
        handle = await client.start(whole(f"{SECRET}-input"), id="i")
        await handle.raise_event("approved", f"{SECRET}-event")
        answer = await handle.ask("status", f"{SECRET}-question", str, timeout=PATIENCE)
        assert answer == f"{SECRET}-answer:{SECRET}-question"
        with pytest.raises(Declined) as caught:
            await handle.result(timeout=PATIENCE)
        state = await handle.state()
        _assert_no_secret(tmp_path)
    _assert_no_secret(tmp_path)
    told = str(caught.value)
    for part in (
        *("-result:sesame-heartbeat", "-message sesame-local", "-attribute", "KeyError", "-cause"),
        *("-note", "-event", "-side", "-child:sesame-argument", "-written"),
    ):
        assert part in told
    assert state.custom_status == f"{SECRET}-status"
    assert state.failure is not None
    assert state.failure.message == told
    assert "raise Declined" in state.failure.traceback
    async with da.Client(url) as client:  # an operator without keys
        state = await client.handle("i").state()
        assert state.failure is not None
        assert state.failure.type_name.endswith(":Declined")
        assert "no codec" in state.failure.message
        assert SECRET not in repr(state)
        assert SECRET not in repr(await client.handle("i").history())


def _assert_no_secret(folder: Path) -> None:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert any(file.name == "sealed.db" for file in files)
    for file in files:
        assert SECRET.encode() not in file.read_bytes(), file


async def test_the_same_store_without_a_codec_shows_what_the_test_above_looks_for(
    tmp_path: Path,
) -> None:
    async with (
        da.Client(f"sqlite:///{tmp_path / 'sealed.db'}") as client,
        da.Worker(client, FUNCTIONS),
    ):
        handle = await client.start(child(f"{SECRET}-input"))
        await handle.result(timeout=PATIENCE)
        with pytest.raises(AssertionError):
            _assert_no_secret(tmp_path)


# ---- a process that lacks a key ----------------------------------------------------------------


@da.activity
async def double(x: int) -> int:
    return 2 * x


@da.orchestrator
async def doubled_when_told(x: int) -> int:
    try:
        return await double(await da.wait_for_event("go", int)) + x
    except da.SerializationError:
        return -1  # what the code makes of it must not become the outcome


async def _until(handle: da.Handle[Any], status: da.RuntimeStatus) -> da.InstanceState:
    async with asyncio.timeout(PATIENCE):
        while (state := await handle.state()).status is not status:
            await asyncio.sleep(0.01)
        return state


async def test_an_instance_waits_blocked_for_a_worker_that_has_the_key(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'keys.db'}"
    functions = [doubled_when_told, double]
    async with da.Client(url, codec=EncryptionCodec({"old": OLD})) as client:
        async with da.Worker(client, functions):
            await client.start(doubled_when_told(1), id="i")
            await _until(client.handle("i"), da.RuntimeStatus.RUNNING)
            await client.handle("i").raise_event("go", 20)
            assert await client.handle("i", int).result(timeout=PATIENCE) == 41
        await client.start(doubled_when_told(1), id="j")
        await client.handle("j").raise_event("go", 20)
    async with (
        da.Client(url, codec=EncryptionCodec({"new": NEW})) as client,
        da.Worker(client, functions),
    ):
        state = await _until(client.handle("j"), da.RuntimeStatus.BLOCKED)
        assert state.blocked is not None
        assert "key 'old'" in state.blocked
    both = EncryptionCodec({"old": OLD, "new": NEW}, current="new")
    async with da.Client(url, codec=both) as client, da.Worker(client, functions):
        assert await client.handle("j", int).result(timeout=PATIENCE) == 41


async def test_an_activity_whose_arguments_cannot_be_read_is_tried_again_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///{tmp_path / 'keys.db'}"
    async with (
        da.Client(url, codec=EncryptionCodec({"old": OLD})) as client,
        da.Worker(client, [doubled_when_told]),  # and nobody who doubles
    ):
        await client.start(doubled_when_told(1), id="i")
        await client.handle("i").raise_event("go", 20)
        async with asyncio.timeout(PATIENCE):
            while not (await client.handle("i").state()).pending:
                await asyncio.sleep(0.01)
    async with (
        da.Client(url, codec=EncryptionCodec({"new": NEW})) as client,
        da.Worker(client, [double]),
    ):
        async with asyncio.timeout(PATIENCE):
            while True:
                (call,) = (await client.handle("i").state()).pending
                if call.kind == "activity" and call.attempt == 2:
                    break
                await asyncio.sleep(0.01)
        assert call.due_at is not None
        assert (await client.handle("i").state()).status is da.RuntimeStatus.RUNNING


async def test_a_replay_without_the_key_says_so_and_nothing_of_the_code() -> None:
    functions = [doubled_when_told, double]
    codec = EncryptionCodec({"old": OLD})
    async with testing.environment(functions, codec=codec) as env:
        handle = await env.client.start(doubled_when_told(1))
        await handle.raise_event("go", 20)
        assert await handle.result() == 41
        history = await handle.history()
    testing.replay(history, functions, converter=da.Converter(codec=codec))
    with pytest.raises(da.DurableError, match="key 'old'"):
        testing.replay(
            history, functions, converter=da.Converter(codec=EncryptionCodec({"new": NEW}))
        )
    with pytest.raises(da.DurableError, match="no codec"):
        testing.replay(history, functions)


def test_da_run_without_the_key_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'run.db'}"

    async def begin() -> None:
        async with (
            da.Client(url, codec=EncryptionCodec({"old": OLD})) as client,
            da.Worker(client, [doubled_when_told]),
        ):
            handle = await client.start(doubled_when_told(1), id="i")
            await handle.raise_event("go", 20)
            async with asyncio.timeout(PATIENCE):
                while not (await handle.state()).pending:
                    await asyncio.sleep(0.01)

    asyncio.run(begin())
    with pytest.raises(da.DurableError, match="key 'old'"):
        da.run(doubled_when_told(1), url=url, id="i", codec=EncryptionCodec({"new": NEW}))
    both = EncryptionCodec({"old": OLD, "new": NEW}, current="new")
    assert da.run(doubled_when_told(1), url=url, id="i", codec=both) == 41


async def test_an_entity_stands_still_until_a_worker_has_the_key(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'keys.db'}"
    ref = da.entity_ref(Diary, "d")
    async with da.Client(url, codec=EncryptionCodec({"old": OLD})) as client:
        await client.signal_entity(ref, Diary.write, "first")
    stands: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    listener = _Listener(stands)
    logging.getLogger("durable_async.worker").addHandler(listener)
    try:
        async with (
            da.Client(url, codec=EncryptionCodec({"new": NEW})) as client,
            da.Worker(client, [Diary]),
            asyncio.timeout(PATIENCE),
        ):
            assert "key 'old'" in await stands
    finally:
        logging.getLogger("durable_async.worker").removeHandler(listener)
    both = EncryptionCodec({"old": OLD, "new": NEW}, current="new")
    async with (
        da.Client(url, codec=both) as client,
        da.Worker(client, [Diary]),
        asyncio.timeout(PATIENCE),
    ):
        while (diary := await client.read_entity(Diary, "d")) is None:
            await asyncio.sleep(0.01)
        assert diary.entries == ["first"]


class _Listener(logging.Handler):
    def __init__(self, stands: asyncio.Future[str]) -> None:
        super().__init__()
        self._stands = stands
        self._loop = asyncio.get_running_loop()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if "stands still" in message:
            self._loop.call_soon_threadsafe(self._hear, message)

    def _hear(self, message: str) -> None:
        if not self._stands.done():
            self._stands.set_result(message)


# ---- sizes -------------------------------------------------------------------------------------


@da.activity
async def blow_up(times: int) -> str:
    return "large " * times


@da.orchestrator
async def large(times: int) -> int:
    return len(await blow_up(times))


async def test_a_value_over_the_limit_passes_if_it_is_kept_elsewhere(tmp_path: Path) -> None:
    codec = ChainCodec(
        CompressionCodec(min_size=1 << 30),
        EncryptionCodec({"k": OLD}),
        OffloadCodec(DirectoryStore(tmp_path / "large")),
    )
    async with testing.environment([large, blow_up], codec=codec, rebuild=True) as env:
        handle = await env.client.start(large(500_000))
        assert await handle.result() == 3_000_000
        assert max(len(repr(event)) for event in await handle.history()) < 10_000
    assert [
        f for f in (tmp_path / "large").rglob("*") if f.is_file() and b"large" in f.read_bytes()
    ] == []


async def test_without_one_the_limit_stands(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    async with testing.environment([large, blow_up]) as env:
        handle = await env.client.start(large(500_000))
        with pytest.raises(da.PayloadTooLargeError, match="blow_up"):
            await handle.result()
