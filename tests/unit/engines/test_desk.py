"""Asking for answers and entities: each asker is answered once, whoever brings the answer about."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any

import pytest

from durable_async.engines.memory import MemoryEngine
from durable_async.engines.turns import Turns
from durable_async.errors import (
    InstanceFinishedError,
    InstanceNotFoundError,
    LeaseLostError,
    StoreError,
)
from durable_async.model.commands import AnswerRequest, Command
from durable_async.model.work import (
    Answer,
    ClaimedEntity,
    EntityCommit,
    EntityLease,
    EntityQuery,
    ForgetAnswer,
    Message,
    Purge,
    Receipt,
    Terminate,
)
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    SettableClock,
    completed,
    counter,
    create,
    event,
    result,
    signal,
    the_only,
    value,
)


class Engine(MemoryEngine):
    """Is told what others did by the test."""

    others = False
    answers_fail = False

    def changed(self) -> bool:
        others, self.others = self.others, False
        return super().changed() or others

    def answer(self, request_id: str, /) -> Answer | None:
        if self.answers_fail:
            raise StoreError("disk gone")
        return super().answer(request_id)


class Bench:
    def __init__(self) -> None:
        self.clock = SettableClock()
        self.engine = Engine(self.clock)
        self.turns = Turns(self.engine, wake=lambda: None)
        self.party = Party.join(self.engine)

    async def ask(self, question: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.ensure_future(question)
        await self.run()
        return task

    async def run(self) -> None:
        await asyncio.sleep(0)
        while self.turns.run_turn() == 0:
            pass
        for _ in range(3):  # the answer comes to the loop, then to the future, then to the task
            await asyncio.sleep(0)

    async def others(self, awaited: asyncio.Task[Any]) -> None:
        """What the party has committed is seen, and has been read for who waits for it."""
        self.engine.others = True
        while not awaited.done():
            await self.run()

    def request(self) -> Any:
        """An instance that has a request in hand."""
        self.party.run(self.party.start())
        return the_only(self.party.commit(messages=[event(request_id="r")]).claimed)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def answer(text: str = "7") -> Command:
    return AnswerRequest(number=0, request_id="r", result=value(text))


# ---- answers -------------------------------------------------------------------------------


async def test_an_answer_of_another_process_reaches_who_asked(bench: Bench) -> None:
    claimed = bench.request()
    asked = await bench.ask(bench.turns.answered("i", "r"))
    assert not asked.done()
    bench.party.run(claimed, answer())
    await bench.others(asked)
    assert await asked == Answer(value("7"))
    assert not bench.turns.listens


async def test_an_answer_that_is_there_already_is_given_at_once(bench: Bench) -> None:
    bench.party.run(bench.request(), answer())
    assert await (await bench.ask(bench.turns.answered("i", "r"))) == Answer(value("7"))


async def test_an_answer_given_as_the_instance_ends_is_an_answer(bench: Bench) -> None:
    claimed = bench.request()
    asked = await bench.ask(bench.turns.answered("i", "r"))
    bench.party.run(claimed, answer(), ended=completed())
    await bench.others(asked)
    assert await asked == Answer(value("7"))


async def test_an_end_without_an_answer_is_told(bench: Bench) -> None:
    bench.request()
    asked = await bench.ask(bench.turns.answered("i", "r"))
    await bench.ask(bench.turns.send(Terminate(instance_id="i", reason="")))
    with pytest.raises(InstanceFinishedError, match="TERMINATED"):
        await asked
    late = await bench.ask(bench.turns.answered("i", "another"))
    with pytest.raises(InstanceFinishedError):
        await late


async def test_asking_nobody_is_refused(bench: Bench) -> None:
    asked = await bench.ask(bench.turns.answered("nobody", "r"))
    with pytest.raises(InstanceNotFoundError, match="'nobody'"):
        await asked


async def test_an_instance_that_is_purged_or_replaced_answers_nobody(bench: Bench) -> None:
    claimed = bench.request()
    purged = await bench.ask(bench.turns.answered("i", "r"))
    bench.party.run(claimed, ended=completed())
    bench.party.commit(messages=[Purge(instance_id="i")])
    await bench.others(purged)
    with pytest.raises(InstanceNotFoundError):
        await purged

    claimed = bench.request()
    replaced = await bench.ask(bench.turns.answered("i", "s"))
    bench.clock.advance(1)
    bench.party.run(claimed, ended=completed())
    bench.party.commit(creates=[create(execution_id="i-2", if_exists="replace")])
    await bench.others(replaced)
    with pytest.raises(InstanceFinishedError, match="replaced"):
        await replaced


async def test_who_asks_and_who_waits_for_the_end_do_not_disturb_one_another(
    bench: Bench,
) -> None:
    claimed = bench.request()
    end = await bench.ask(bench.turns.ended("i"))
    first = await bench.ask(bench.turns.answered("i", "r"))
    second = await bench.ask(bench.turns.answered("i", "s"))
    bench.party.run(claimed, answer())
    await bench.others(first)
    assert (first.done(), second.done(), end.done()) == (True, False, False)
    claimed = the_only(bench.party.commit(messages=[event()]).claimed)
    bench.party.run(claimed, ended=completed("1"))
    await bench.others(end)
    assert (await end).output == value("1")
    with pytest.raises(InstanceFinishedError):
        await second


async def test_who_asks_no_more_is_not_read_for(bench: Bench) -> None:
    bench.request()
    asked = await bench.ask(bench.turns.answered("i", "r"))
    assert bench.turns.listens
    asked.cancel()
    await bench.run()
    await bench.run()
    assert asked.cancelled() and not bench.turns.listens


async def test_an_answer_that_cannot_be_read_is_told_to_its_asker_alone(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.request()
    end = await bench.ask(bench.turns.ended("i"))
    bench.engine.answers_fail = True
    with caplog.at_level(logging.CRITICAL):
        asked = await bench.ask(bench.turns.answered("i", "r"))
        with pytest.raises(StoreError, match="disk gone"):
            await asked
    assert not end.done()
    await bench.ask(bench.turns.send(Terminate(instance_id="i", reason="")))
    assert (await end).instance_id == "i"


async def test_closing_refuses_who_waits_for_an_answer(bench: Bench) -> None:
    bench.request()
    asked = await bench.ask(bench.turns.answered("i", "r"))
    bench.turns.close()
    with pytest.raises(StoreError, match="closed"):
        await asked


@pytest.mark.parametrize(
    ("message", "reached"),
    [
        (event("p", key="used"), 0),
        (event("p"), 1),
        (Terminate(instance_id="p", reason=""), 1),
        (ForgetAnswer(request_id="x"), 1),
        (signal(), 1),
    ],
)
async def test_sending_says_how_many_it_reached(
    bench: Bench, message: Message, reached: int
) -> None:
    bench.party.commit(creates=[create("p")], messages=[event("p", key="used")])
    assert await (await bench.ask(bench.turns.send(message))) == reached


# ---- entities ------------------------------------------------------------------------------


class EntityDriver:
    """Commits what entities did, as soon as it has some in hand."""

    def __init__(self, session: str) -> None:
        self.session = session
        self.claim = EVERYTHING
        self.due: list[ClaimedEntity] = []
        self.receipts: list[Receipt] = []
        self.episodes = self.reports = self.heartbeats = self.releases = ()
        self.entities: tuple[EntityCommit, ...] = ()

    def has_work(self) -> bool:
        return bool(self.due)

    def prepare(self, now: datetime) -> EntityDriver:
        self.entities = tuple(
            EntityCommit(
                lease=each.lease,
                state=value("1"),
                results=tuple(result(one) for one in each.operations),
            )
            for each in self.due
        )
        self.due = []
        return self

    def settle(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)
        self.due += receipt.claimed_entities

    def abandon(self, error: BaseException) -> None:
        raise AssertionError(error)


async def test_what_entities_did_is_committed_with_the_turn(bench: Bench) -> None:
    driver = EntityDriver(bench.engine.open_session("test"))
    bench.turns.attach(driver)
    assert await (await bench.ask(bench.turns.entity(counter()))) is None
    await bench.ask(bench.turns.send(signal()))
    record = await (await bench.ask(bench.turns.entity(counter())))
    assert (record.state, record.queued) == (value("1"), 0)
    page = await (await bench.ask(bench.turns.entities(EntityQuery())))
    assert [each.entity for each in page.records] == [counter()]
    assert (None,) in [receipt.entities for receipt in driver.receipts]


async def test_what_one_driver_did_for_an_entity_another_one_hears_of(bench: Bench) -> None:
    first, second = (EntityDriver(bench.engine.open_session("test")) for _ in range(2))
    bench.turns.attach(first)
    bench.turns.attach(second)
    due = bench.clock.now() + timedelta(seconds=5)
    await bench.ask(bench.turns.send(signal(due=due)))
    bench.clock.advance(5)
    await bench.run()
    record = await (await bench.ask(bench.turns.entity(counter())))
    assert record.state == value("1")


async def test_a_stale_commit_of_an_entity_is_told_to_its_driver(bench: Bench) -> None:
    driver = EntityDriver(bench.engine.open_session("test"))
    stale = ClaimedEntity(lease=EntityLease(counter(), 99), state=None, operations=())
    driver.due = [stale]
    bench.turns.attach(driver)
    await bench.run()
    assert isinstance(driver.receipts[0].entities[0], LeaseLostError)
