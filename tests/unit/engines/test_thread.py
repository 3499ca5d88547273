"""The thread that owns an engine: opened, used and closed by it, quick to wake, quiet when idle."""

import asyncio
import subprocess
import sys
import textwrap
import threading
from collections.abc import Sequence

import pytest

from durable_async.engines.memory import MemoryEngine
from durable_async.engines.thread import Bell, EngineThread
from durable_async.errors import StoreError
from durable_async.model.payload import Payload
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    Batch,
    CreateInstance,
    InstanceQuery,
    InstanceRecord,
    Receipt,
    Terminate,
)


class SingleThreadEngine(MemoryEngine):
    """Notes which threads use it, and what happens to it."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[int] = set()
        self.trace: list[str] = []
        self.on_open: Exception | None = None
        self.on_close: Exception | None = None

    def _note(self, what: str) -> None:
        self.threads.add(threading.get_ident())
        self.trace.append(what)

    def open(self) -> None:
        self._note("open")
        if self.on_open is not None:
            raise self.on_open

    def close(self) -> None:
        self._note("close")
        if self.on_close is not None:
            raise self.on_close

    def commit(self, batch: Batch, /) -> Receipt:
        self._note("commit")
        return super().commit(batch)

    def records(self, instance_ids: Sequence[str], /) -> tuple[InstanceRecord | None, ...]:
        self._note("records")
        return super().records(instance_ids)


def creation(instance_id: str) -> CreateInstance:
    return CreateInstance(
        instance_id=instance_id,
        execution_id=f"execution of {instance_id}",
        name="flow",
        input=Payload(b"[]"),
    )


def engine_threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "durable-engine"]


async def test_one_thread_of_its_own_opens_uses_and_closes_the_engine() -> None:
    engine = SingleThreadEngine()
    async with EngineThread(engine) as turns:
        await turns.create(creation("a"))
        assert (await turns.record("a")).status is RuntimeStatus.PENDING
    assert engine.trace == ["open", "commit", "records", "close"]
    assert len(engine.threads) == 1
    assert threading.get_ident() not in engine.threads


async def test_the_thread_has_ended_when_close_returns() -> None:
    async with EngineThread(MemoryEngine()):
        assert len(engine_threads()) == 1
    assert engine_threads() == []


async def test_an_engine_that_cannot_be_opened_says_so_to_the_opener() -> None:
    engine = SingleThreadEngine()
    engine.on_open = StoreError("x.db is no database: choose another file")
    with pytest.raises(StoreError, match="is no database"):
        async with EngineThread(engine):
            raise AssertionError("must not be entered")
    assert engine.trace == ["open"]


async def test_a_mistake_while_opening_is_a_store_error_with_its_cause() -> None:
    engine = SingleThreadEngine()
    engine.on_open = ZeroDivisionError("oops")
    with pytest.raises(StoreError, match="ZeroDivisionError: oops") as caught:
        await EngineThread(engine).open()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


async def test_what_was_asked_before_the_close_is_stored() -> None:
    thread = EngineThread(MemoryEngine())
    turns = await thread.open()
    starts = [asyncio.ensure_future(turns.create(creation(f"i{n}"))) for n in range(200)]
    await asyncio.sleep(0)
    await thread.close()
    created = await asyncio.gather(*starts)
    assert all(each.fresh for each in created)


async def test_what_is_asked_after_the_close_is_refused() -> None:
    async with EngineThread(MemoryEngine()) as turns:
        pass
    with pytest.raises(StoreError, match="closed"):
        await turns.count(InstanceQuery())


async def test_who_waits_for_an_end_is_told_when_the_thread_closes() -> None:
    async with EngineThread(MemoryEngine()) as turns:
        await turns.create(creation("a"))
        wait = asyncio.ensure_future(turns.ended("a"))
        await turns.count(InstanceQuery())
    with pytest.raises(StoreError, match="closed"):
        await wait


async def test_closing_twice_is_closing_once() -> None:
    engine = SingleThreadEngine()
    thread = EngineThread(engine)
    await thread.open()
    await asyncio.gather(thread.close(), thread.close())
    await thread.close()
    assert engine.trace == ["open", "close"]


async def test_closing_what_was_never_opened_does_nothing() -> None:
    engine = SingleThreadEngine()
    await EngineThread(engine).close()
    assert engine.trace == []


async def test_a_thread_is_opened_once() -> None:
    thread = EngineThread(MemoryEngine())
    async with thread:
        with pytest.raises(RuntimeError, match="once"):
            await thread.open()


async def test_an_engine_that_fails_to_close_does_not_keep_its_thread() -> None:
    engine = SingleThreadEngine()
    engine.on_close = OSError("unplugged")
    async with EngineThread(engine):
        pass
    assert engine_threads() == []


async def test_a_mistake_in_a_turn_does_not_end_the_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = SingleThreadEngine()
    async with EngineThread(engine) as turns:
        looked: list[bool] = []
        dismiss = turns._dismiss

        def fail_once() -> None:
            if not looked:
                looked.append(True)
                raise ZeroDivisionError
            dismiss()

        monkeypatch.setattr(turns, "_dismiss", fail_once)
        assert await turns.count(InstanceQuery()) == 0
        assert (await turns.create(creation("a"))).fresh


class SharedEngine(MemoryEngine):
    """Another process may commit to it. elsewhere: what that process commits next."""

    elsewhere: Batch | None = None

    def changed(self) -> bool:
        batch, self.elsewhere = self.elsewhere, None
        if batch is not None:
            self.commit(batch)
        return batch is not None


async def test_news_of_other_processes_is_seen_while_somebody_waits() -> None:
    engine = SharedEngine()
    async with EngineThread(engine) as turns:
        await turns.create(creation("a"))
        wait = asyncio.ensure_future(turns.ended("a"))
        await turns.count(InstanceQuery())
        engine.elsewhere = Batch(messages=(Terminate(instance_id="a", reason=""),))
        assert (await wait).status is RuntimeStatus.TERMINATED


async def test_an_opener_that_is_cancelled_leaves_no_thread_behind() -> None:
    started, go_on = threading.Event(), threading.Event()

    class SlowEngine(MemoryEngine):
        def open(self) -> None:
            started.set()
            go_on.wait()

    thread = EngineThread(SlowEngine())
    opening = asyncio.ensure_future(thread.open())
    await asyncio.to_thread(started.wait)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    go_on.set()
    await thread.close()
    assert engine_threads() == []


def test_an_interpreter_exits_without_closing() -> None:
    program = """
        import asyncio
        from durable_async.engines.memory import MemoryEngine
        from durable_async.engines.thread import EngineThread
        from durable_async.model.work import InstanceQuery

        async def main():
            turns = await EngineThread(MemoryEngine()).open()
            print(await turns.count(InstanceQuery()))

        asyncio.run(main())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")


# ---- the bell ------------------------------------------------------------------------------


def test_a_bell_that_was_rung_twice_wakes_once() -> None:
    bell = Bell()
    bell.ring()
    bell.ring()
    assert bell.wait(0)
    assert not bell.wait(0)


def test_many_threads_may_ring_at_once() -> None:
    bell = Bell()
    ready = threading.Barrier(8)

    def ring() -> None:
        ready.wait()
        for _ in range(1_000):
            bell.ring()

    threads = [threading.Thread(target=ring) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bell.wait(0)
    assert not bell.wait(0)


def test_waiting_for_ever_ends_with_a_ring() -> None:
    bell = Bell()
    threading.Timer(0, bell.ring).start()
    assert bell.wait(None)


def test_a_pause_longer_than_a_thread_can_wait_is_cut() -> None:
    bell = Bell()
    bell.ring()
    assert bell.wait(1e300)
