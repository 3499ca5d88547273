"""Reading what is waited for: at once when it ended here, and never too often for others' sake."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from durable_async.engines.memory import MemoryEngine
from durable_async.engines.requests import Answers, Watching
from durable_async.engines.watchers import Watchers
from durable_async.errors import StoreError
from durable_async.model.payload import Payload
from durable_async.model.work import Batch, CreateInstance, InstanceRecord, Terminate


class SlowEngine(MemoryEngine):
    """Each read takes a second of a clock that only it moves."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 100.0
        self.reads: list[tuple[str, ...]] = []

    def records(self, instance_ids: Sequence[str], /) -> tuple[InstanceRecord | None, ...]:
        self.time += 1
        self.reads.append(tuple(sorted(instance_ids)))
        return super().records(instance_ids)


@pytest.fixture
def engine() -> SlowEngine:
    engine = SlowEngine()
    requests = tuple(
        CreateInstance(instance_id=name, execution_id=name, name="flow", input=Payload(b"[]"))
        for name in "abc"
    )
    engine.commit(Batch(creates=requests))
    return engine


def watching(name: str) -> Watching:
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    return Watching(name, None, future)


def read(watchers: Watchers) -> None:
    answers = Answers()
    watchers.answer(answers)
    answers.deliver()


async def test_whoever_begins_to_wait_is_read_once(engine: SlowEngine) -> None:
    watchers = Watchers(engine, clock=lambda: engine.time)
    assert not watchers and watchers.next_read() is None
    for name in "ab":
        watchers.add(watching(name))
    assert watchers.next_read() == 0
    read(watchers)
    read(watchers)
    assert engine.reads == [("a", "b")]
    assert watchers and watchers.next_read() is None


async def test_only_what_is_waited_for_is_read(engine: SlowEngine) -> None:
    watchers = Watchers(engine, clock=lambda: engine.time)
    watchers.add(watching("a"))
    read(watchers)
    watchers.notice(["b", "c"])
    assert watchers.next_read() is None
    watchers.notice(["a", "b"])
    read(watchers)
    assert engine.reads == [("a",), ("a",)]


async def test_after_news_of_others_everything_is_read_once(engine: SlowEngine) -> None:
    watchers = Watchers(engine, clock=lambda: engine.time)
    waits = [watching(name) for name in "ab"]
    for wait in waits:
        watchers.add(wait)
    read(watchers)
    engine.commit(Batch(messages=(Terminate(instance_id="b", reason=""),)))
    watchers.notice_others()
    assert watchers.next_read() == 0
    read(watchers)
    assert engine.reads == [("a", "b"), ("a", "b")]
    await asyncio.sleep(0)
    assert [wait.answer.done() for wait in waits] == [False, True]
    assert watchers.next_read() is None


async def test_reading_everything_takes_a_tenth_of_the_time_at_most(engine: SlowEngine) -> None:
    watchers = Watchers(engine, clock=lambda: engine.time)
    watchers.add(watching("a"))
    read(watchers)
    watchers.notice_others()
    read(watchers)
    watchers.notice_others()
    assert watchers.next_read() == 10
    read(watchers)
    assert len(engine.reads) == 2
    engine.time += 10
    assert watchers.next_read() == 0
    read(watchers)
    assert len(engine.reads) == 3


async def test_an_end_seen_here_does_not_wait_for_that_time(engine: SlowEngine) -> None:
    watchers = Watchers(engine, clock=lambda: engine.time)
    for name in "ab":
        watchers.add(watching(name))
    read(watchers)
    watchers.notice_others()
    read(watchers)
    watchers.notice_others()
    watchers.notice(["a"])
    assert watchers.next_read() == 0
    read(watchers)
    assert engine.reads[-1] == ("a",)


async def test_who_waits_no_more_is_not_read(engine: SlowEngine) -> None:
    watchers = Watchers(engine, clock=lambda: engine.time)
    first, second = watching("a"), watching("a")
    watchers.add(first)
    watchers.add(second)
    watchers.forget(first)
    watchers.forget(first)
    assert watchers
    watchers.forget(second)
    assert not watchers
    read(watchers)
    assert engine.reads == []


async def test_all_can_be_refused_at_once(engine: SlowEngine) -> None:
    watchers = Watchers(engine, clock=lambda: engine.time)
    waits = [watching("a"), watching("a"), watching("b")]
    for wait in waits:
        watchers.add(wait)
    answers = Answers()
    watchers.refuse_all(StoreError("closed"), answers)
    answers.deliver()
    await asyncio.sleep(0)
    errors = [wait.answer.exception() for wait in waits]
    assert [str(error) for error in errors] == ["closed"] * 3
    assert len(set(map(id, errors))) == 3
    assert not watchers
