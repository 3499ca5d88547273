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
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    Batch,
    CreateInstance,
    InstanceEnd,
    InstanceRecord,
    Terminate,
)


class SlowEngine(MemoryEngine):
    """Each look takes a second of a clock that only it moves. reads: whose records were read."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 100.0
        self.looks: list[tuple[str, ...]] = []
        self.reads: list[tuple[str, ...]] = []

    def at_work(self, instance_ids: Sequence[str], /) -> tuple[bool, ...]:
        self.time += 1
        self.looks.append(tuple(sorted(instance_ids)))
        return super().at_work(instance_ids)

    def records(self, instance_ids: Sequence[str], /) -> tuple[InstanceRecord | None, ...]:
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


def watching(name: str, *, whole: bool = True) -> Watching:
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    return Watching(name, None, future, whole)


def terminate(engine: SlowEngine, *names: str) -> tuple[InstanceEnd, ...]:
    messages = tuple(Terminate(instance_id=name, reason="so be it") for name in names)
    return engine.commit(Batch(messages=messages)).ends


def read(watchers: Watchers) -> None:
    answers = Answers()
    watchers.answer(answers)
    answers.deliver()


async def test_what_somebody_begins_to_wait_for_is_looked_at_once(engine: SlowEngine) -> None:
    watchers = Watchers(engine, clock=lambda: engine.time)
    assert not watchers and watchers.next_read() is None
    for name in "ab":
        watchers.add(watching(name))
    assert watchers.next_read() == 0
    read(watchers)
    read(watchers)
    assert engine.looks == [("a", "b")]
    assert engine.reads == []  # it is seen at a glance that they only take their time
    assert watchers and watchers.next_read() is None


async def test_only_what_is_waited_for_is_looked_at(engine: SlowEngine) -> None:
    watchers = Watchers(engine, clock=lambda: engine.time)
    watchers.add(watching("a"))
    read(watchers)
    watchers.notice(["b", "c"])
    assert watchers.next_read() is None
    watchers.notice(["a", "b"])
    read(watchers)
    assert engine.looks == [("a",), ("a",)]


async def test_after_news_of_others_everything_is_looked_at_once(engine: SlowEngine) -> None:
    watchers = Watchers(engine, clock=lambda: engine.time)
    waits = [watching(name) for name in "ab"]
    for wait in waits:
        watchers.add(wait)
    read(watchers)
    terminate(engine, "b")
    watchers.notice_others()
    assert watchers.next_read() == 0
    read(watchers)
    assert engine.looks == [("a", "b"), ("a", "b")]
    assert engine.reads == [("b",)]
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
    assert len(engine.looks) == 2
    engine.time += 10
    assert watchers.next_read() == 0
    read(watchers)
    assert len(engine.looks) == 3


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
    assert engine.looks[-1] == ("a",)


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
    assert engine.looks == []


async def test_who_only_wants_the_end_is_told_of_it_without_a_read(engine: SlowEngine) -> None:
    watchers = Watchers(engine, clock=lambda: engine.time)
    waits = [watching("a", whole=False), watching("a"), watching("b", whole=False)]
    for wait in waits:
        watchers.add(wait)
    read(watchers)
    answers = Answers()
    watchers.tell_ends(terminate(engine, "a", "c"), answers)
    answers.deliver()
    await asyncio.sleep(0)
    assert engine.reads == []
    assert waits[0].answer.result() == InstanceEnd(
        instance_id="a", status=RuntimeStatus.TERMINATED, reason="so be it"
    )
    assert [wait.answer.done() for wait in waits] == [True, False, False]
    read(watchers)
    await asyncio.sleep(0)
    assert engine.reads == [("a",)]
    assert waits[1].answer.result() == engine.records(("a",))[0]
    assert watchers and not waits[2].answer.done()


async def test_an_end_is_the_same_whether_it_is_told_or_read(engine: SlowEngine) -> None:
    watchers = Watchers(engine, clock=lambda: engine.time)
    told, late = watching("a", whole=False), watching("a", whole=False)
    watchers.add(told)
    answers = Answers()
    watchers.tell_ends(terminate(engine, "a"), answers)
    answers.deliver()
    watchers.add(late)
    read(watchers)
    await asyncio.sleep(0)
    assert told.answer.result() == late.answer.result()
    assert not watchers


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
