"""Turns: nothing is acknowledged before it is durable, and everything asked is answered."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from durable_async.engines.memory import MemoryEngine
from durable_async.engines.turns import Turns
from durable_async.errors import (
    InstanceAlreadyExistsError,
    InstanceNotFoundError,
    StoreError,
)
from durable_async.model.commands import StartTimer
from durable_async.model.history import (
    EpisodeStarted,
    ExecutionCompleted,
    HistoryEvent,
    TimerFired,
)
from durable_async.model.outcome import Blocked, EpisodeResult, Outcome
from durable_async.model.payload import Payload
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    ActivityReport,
    Batch,
    Claim,
    Claimed,
    CreateInstance,
    EntityCommit,
    EntityLease,
    EpisodeCommit,
    Heartbeat,
    InstanceQuery,
    InstanceRecord,
    Lease,
    RaiseEvent,
    Receipt,
    Terminate,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
NOTHING = Payload(b"null")


class HandClock:
    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment


class WatchedEngine(MemoryEngine):
    """Shows what was committed, and fails when it is told to."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(clock)
        self.batches: list[Batch] = []
        self.failures: list[Exception] = []
        self.refuse: Callable[[Batch], Exception | None] = lambda batch: None
        self.news_of_others = False
        self.on_commit: Callable[[], None] = lambda: None

    def commit(self, batch: Batch, /) -> Receipt:
        if self.failures:
            raise self.failures.pop(0)
        error = self.refuse(batch)
        if error is not None:
            raise error
        self.on_commit()
        self.batches.append(batch)
        return super().commit(batch)

    def changed(self) -> bool:
        news, self.news_of_others = self.news_of_others, False
        return super().changed() or news


@attrs.frozen(kw_only=True)
class Work:
    session: str
    episodes: tuple[EpisodeCommit, ...] = ()
    reports: tuple[ActivityReport, ...] = ()
    heartbeats: tuple[Heartbeat, ...] = ()
    entities: tuple[EntityCommit, ...] = ()
    releases: tuple[Lease | EntityLease, ...] = ()
    claim: Claim | None = None


class ScriptedDriver:
    """Runs every claimed instance by `answer`, and notes what is said to it."""

    def __init__(
        self,
        session: str,
        *names: str,
        answer: Callable[[Claimed, datetime], EpisodeResult],
    ) -> None:
        self._session = session
        self.claim: Claim | None = Claim(
            orchestrators=frozenset((name, None) for name in names),
            activities=frozenset(),
            queues=frozenset({"default"}),
            max_instances=100,
            max_activities=0,
        )
        self.answer = answer
        self.due: list[Claimed] = []
        self.lengths: dict[str, int] = {}
        self.trace: list[str] = []
        self.settled: list[Receipt] = []
        self.abandoned: list[BaseException] = []
        self.on_prepare: Callable[[], None] = lambda: None
        self.on_settle: Callable[[], None] = lambda: None

    @property
    def session(self) -> str:
        return self._session

    def has_work(self) -> bool:
        return bool(self.due)

    def prepare(self, now: datetime) -> Work:
        self.trace.append("prepare")
        self.on_prepare()
        due, self.due = self.due, []
        return Work(
            session=self._session,
            episodes=tuple(self._run(claimed, now) for claimed in due),
            claim=self.claim,
        )

    def settle(self, receipt: Receipt) -> None:
        self.trace.append("settle")
        self.on_settle()
        self.settled.append(receipt)
        self.due.extend(receipt.claimed)

    def abandon(self, error: BaseException) -> None:
        self.trace.append("abandon")
        self.abandoned.append(error)
        self.due.clear()

    def _run(self, claimed: Claimed, now: datetime) -> EpisodeCommit:
        instance_id = claimed.lease.instance_id
        if claimed.history is not None:
            self.lengths[instance_id] = len(claimed.history)
        result = self.answer(claimed, now)
        commit = EpisodeCommit(
            lease=claimed.lease,
            length=self.lengths[instance_id],
            result=result,
            consumed=tuple(news.message for news in claimed.news if news.message is not None),
        )
        if isinstance(result, Outcome):
            self.lengths[instance_id] += len(result.events)
        return commit


def complete(claimed: Claimed, now: datetime) -> EpisodeResult:
    return _outcome(claimed, now, ended=ExecutionCompleted(result=NOTHING))


def sleep_then_complete(claimed: Claimed, now: datetime) -> EpisodeResult:
    if any(isinstance(news.event, TimerFired) for news in claimed.news):
        return complete(claimed, now)
    timer = StartTimer(number=0, due=now + timedelta(hours=1))
    return _outcome(claimed, now, command=timer)


def block(claimed: Claimed, now: datetime) -> EpisodeResult:
    return Blocked(reason="mismatch", message="the code has changed")


def wait_for_nothing(claimed: Claimed, now: datetime) -> EpisodeResult:
    return attrs.evolve(_outcome(claimed, now), idle=True)


def _outcome(
    claimed: Claimed,
    now: datetime,
    *,
    ended: ExecutionCompleted | None = None,
    command: StartTimer | None = None,
) -> Outcome:
    events: list[HistoryEvent] = [
        EpisodeStarted(at=now),
        *(news.event for news in claimed.news),
    ]
    if command is not None:
        events.append(command.recorded())
    if ended is not None:
        events.append(ended)
    return Outcome(
        events=tuple(events), commands=() if command is None else (command,), ended=ended
    )


def creation(instance_id: str, name: str = "flow", **changes: Any) -> CreateInstance:
    return CreateInstance(
        instance_id=instance_id,
        execution_id=f"execution of {instance_id}",
        name=name,
        input=Payload(b"[]"),
        **changes,
    )


class Bench:
    """Turns that run only when the test says so."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.engine = WatchedEngine(self.clock)
        self.wakes = 0
        self.turns = Turns(self.engine, wake=self._note)
        self.drivers = 0

    def _note(self) -> None:
        self.wakes += 1

    async def ask(self, *questions: Any) -> list[Any]:
        """Put all questions, run turns until nothing is to be done, give their outcomes."""
        tasks = [asyncio.ensure_future(question) for question in questions]
        await self.run()
        await asyncio.sleep(0)
        return [_outcome_of(task) for task in tasks]

    async def run(self) -> float | None:
        await asyncio.sleep(0)
        pause = self.turns.run_turn()
        while pause == 0:
            pause = self.turns.run_turn()
        await asyncio.sleep(0)
        return pause

    def attach(
        self, *names: str, answer: Callable[[Claimed, datetime], EpisodeResult] = complete
    ) -> ScriptedDriver:
        driver = ScriptedDriver(self.engine.open_session("test"), *names, answer=answer)
        self.turns.attach(driver)
        return driver


def _outcome_of(task: "asyncio.Task[Any]") -> Any:
    if not task.done():
        return task
    return task.exception() or task.result()


@pytest.fixture
def bench() -> Bench:
    return Bench()


# ---- what clients ask ----------------------------------------------------------------------


async def test_a_start_is_acknowledged_only_after_its_commit(bench: Bench) -> None:
    task = asyncio.ensure_future(bench.turns.create(creation("a")))
    await asyncio.sleep(0)
    done_at_commit: list[bool] = []
    bench.engine.on_commit = lambda: done_at_commit.append(task.done())
    bench.turns.run_turn()
    assert not task.done()  # the answer is on its way to this loop
    created = await task
    assert done_at_commit == [False]
    assert created.instance_id == "a" and created.fresh


async def test_what_many_ask_at_once_is_one_commit(bench: Bench) -> None:
    starts = [bench.turns.create(creation(f"i{n}")) for n in range(50)]
    await bench.ask(*starts)
    assert [len(batch.creates) for batch in bench.engine.batches] == [50]


async def test_each_request_is_refused_by_itself(bench: Bench) -> None:
    first, second, other = await bench.ask(
        bench.turns.create(creation("a")),
        bench.turns.create(creation("a")),
        bench.turns.create(creation("b")),
    )
    assert first.fresh and other.fresh
    assert isinstance(second, InstanceAlreadyExistsError)


async def test_asking_rings_and_an_empty_turn_commits_nothing(bench: Bench) -> None:
    task = asyncio.ensure_future(bench.turns.record("a"))
    await asyncio.sleep(0)
    assert bench.wakes == 1
    assert bench.turns.run_turn() is None
    with pytest.raises(InstanceNotFoundError, match="'a'"):
        await task
    assert bench.turns.run_turn() is None
    assert bench.engine.batches == []


async def test_reads_see_the_writes_of_their_own_turn(bench: Bench) -> None:
    query = InstanceQuery()
    record, history, page, count, _ = await bench.ask(
        bench.turns.record("a"),
        bench.turns.history("a"),
        bench.turns.page(query),
        bench.turns.count(query),
        bench.turns.create(creation("a")),
    )
    assert record.status is RuntimeStatus.PENDING
    assert len(history) == record.history_length
    assert [each.instance_id for each in page.records] == ["a"]
    assert count == 1


async def test_a_cancelled_wait_does_not_undo_what_was_asked(bench: Bench) -> None:
    task = asyncio.ensure_future(bench.turns.create(creation("a")))
    await asyncio.sleep(0)
    task.cancel()
    await bench.run()
    assert task.cancelled()
    (record,) = await bench.ask(bench.turns.record("a"))
    assert record.instance_id == "a"


async def test_a_flood_of_requests_leaves_the_turn_to_others_now_and_then(bench: Bench) -> None:
    starts = [bench.turns.create(creation(f"i{n}")) for n in range(2_500)]
    tasks = [asyncio.ensure_future(start) for start in starts]
    await asyncio.sleep(0)
    assert bench.turns.run_turn() == 0
    assert bench.turns.run_turn() is None
    assert [len(batch.creates) for batch in bench.engine.batches] == [2_000, 500]
    await asyncio.gather(*tasks)


def test_requests_come_from_any_loop_and_go_back_to_it(bench: Bench) -> None:
    ready = threading.Barrier(3, timeout=10)
    results: list[str] = []

    def client(instance_id: str) -> None:
        async def start() -> None:
            task = asyncio.ensure_future(bench.turns.create(creation(instance_id)))
            await asyncio.sleep(0)
            ready.wait()
            results.append((await task).instance_id)

        asyncio.run(start())

    threads = [threading.Thread(target=client, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    ready.wait()
    bench.turns.run_turn()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["a", "b"]


def test_an_asker_whose_loop_is_closed_is_passed_over(bench: Bench) -> None:
    async def ask_and_leave() -> None:
        task = asyncio.ensure_future(bench.turns.create(creation("a")))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(ask_and_leave())
    bench.turns.run_turn()
    assert [len(batch.creates) for batch in bench.engine.batches] == [1]


# ---- drivers -------------------------------------------------------------------------------


async def test_a_driver_prepares_before_the_commit_and_settles_after_it(bench: Bench) -> None:
    driver = bench.attach("flow")
    bench.engine.on_commit = lambda: driver.trace.append("commit")
    await bench.run()
    assert driver.trace == ["prepare", "commit", "settle"]


async def test_a_start_is_claimed_in_the_commit_that_stores_it(bench: Bench) -> None:
    driver = bench.attach("flow")
    await bench.run()
    await bench.ask(bench.turns.create(creation("a")))
    started = next(receipt for receipt in driver.settled if receipt.created)
    assert [claimed.lease.instance_id for claimed in started.claimed] == ["a"]


async def test_a_driver_without_work_is_left_alone(bench: Bench) -> None:
    driver = bench.attach("flow")
    await bench.run()
    before = len(bench.engine.batches)
    pause = await bench.run()
    assert len(bench.engine.batches) == before
    assert driver.trace == ["prepare", "settle"]
    assert pause is not None and 0 < pause <= bench.engine.renew_every


async def test_a_claimed_instance_has_its_turn_at_once(bench: Bench) -> None:
    bench.attach("flow")
    (_, ended) = await bench.ask(bench.turns.create(creation("a")), bench.turns.ended("a"))
    assert ended.status is RuntimeStatus.COMPLETED


async def test_what_others_commit_is_claimed_when_it_is_seen(bench: Bench) -> None:
    driver = bench.attach("flow")
    await bench.run()
    bench.engine.commit(Batch(creates=(creation("a"),)))  # another process
    await bench.run()
    assert driver.trace == ["prepare", "settle"]
    bench.engine.news_of_others = True
    await bench.run()
    (record,) = await bench.ask(bench.turns.record("a"))
    assert record.status is RuntimeStatus.COMPLETED


async def test_the_pause_ends_when_a_timer_is_due(bench: Bench) -> None:
    driver = bench.attach("flow", answer=sleep_then_complete)
    await bench.ask(bench.turns.create(creation("a")))
    assert bench.turns.next_due == START + timedelta(hours=1)
    bench.clock.moment += timedelta(minutes=59)
    pause = await bench.run()
    assert pause is not None and pause <= 60
    bench.clock.moment += timedelta(minutes=1)
    (ended,) = await bench.ask(bench.turns.ended("a"))
    assert ended.status is RuntimeStatus.COMPLETED
    assert driver.due == []


async def test_two_drivers_commit_each_with_its_own_session(bench: Bench) -> None:
    one, two = bench.attach("one"), bench.attach("two")
    await bench.run()
    _, _, first, second = await bench.ask(
        bench.turns.create(creation("a", "one")),
        bench.turns.create(creation("b", "two")),
        bench.turns.ended("a"),
        bench.turns.ended("b"),
    )
    assert first.status is second.status is RuntimeStatus.COMPLETED
    sessions = {batch.session for batch in bench.engine.batches if batch.episodes}
    assert sessions == {one.session, two.session}


async def test_a_driver_that_leaves_gets_its_last_turn_and_gives_back_its_session(
    bench: Bench,
) -> None:
    driver = bench.attach("flow", answer=sleep_then_complete)
    await bench.ask(bench.turns.create(creation("a")))
    driver.claim = None
    await bench.ask(bench.turns.detach(driver))
    before = list(driver.trace)
    heir = bench.attach("flow", answer=complete)
    (ended,) = await bench.ask(bench.turns.ended("a"))
    bench.clock.moment += timedelta(hours=1)
    await bench.run()
    assert driver.trace == before
    assert (await ended).status is RuntimeStatus.COMPLETED
    assert "settle" in heir.trace


async def test_a_driver_can_leave_twice(bench: Bench) -> None:
    driver = bench.attach("flow")
    await bench.run()
    assert await bench.ask(bench.turns.detach(driver), bench.turns.detach(driver)) == [None, None]


# ---- waiting for the end -------------------------------------------------------------------


async def test_waiting_for_an_instance_that_does_not_exist_is_refused(bench: Bench) -> None:
    (error,) = await bench.ask(bench.turns.ended("nobody"))
    assert isinstance(error, InstanceNotFoundError)
    assert "nobody" in str(error)


async def test_an_instance_that_has_ended_is_reported_at_once(bench: Bench) -> None:
    await bench.ask(bench.turns.create(creation("a")))
    await bench.ask(bench.turns.send(Terminate(instance_id="a", reason="enough")))
    (ended,) = await bench.ask(bench.turns.ended("a"))
    assert ended.status is RuntimeStatus.TERMINATED


async def test_those_who_wait_hear_of_an_end_that_this_process_commits(bench: Bench) -> None:
    await bench.ask(bench.turns.create(creation("a")))
    waits = [asyncio.ensure_future(bench.turns.ended("a")) for _ in range(3)]
    await bench.run()
    assert not any(wait.done() for wait in waits)
    await bench.ask(bench.turns.send(Terminate(instance_id="a", reason="enough")))
    records = await asyncio.gather(*waits)
    assert {record.status for record in records} == {RuntimeStatus.TERMINATED}
    assert not bench.turns.listens


async def test_those_who_wait_hear_of_an_end_that_another_process_commits(bench: Bench) -> None:
    await bench.ask(bench.turns.create(creation("a")))
    (wait,) = await bench.ask(bench.turns.ended("a"))
    bench.engine.commit(Batch(messages=(Terminate(instance_id="a", reason=""),)))
    bench.engine.news_of_others = True
    await bench.run()
    assert (await wait).status is RuntimeStatus.TERMINATED


async def test_nobody_listens_when_the_last_wait_was_cancelled(bench: Bench) -> None:
    await bench.ask(bench.turns.create(creation("a")))
    (wait,) = await bench.ask(bench.turns.ended("a"))
    assert bench.turns.listens
    wait.cancel()
    await bench.run()
    assert not bench.turns.listens


@pytest.mark.parametrize(("answer", "status"), [(block, "BLOCKED"), (wait_for_nothing, "RUNNING")])
async def test_those_who_wait_are_told_once_that_an_instance_is_stuck(
    bench: Bench, answer: Callable[[Claimed, datetime], EpisodeResult], status: str
) -> None:
    told: list[InstanceRecord] = []
    bench.attach("flow", answer=answer)
    _, wait = await bench.ask(
        bench.turns.create(creation("a")), bench.turns.ended("a", stuck=told.append)
    )
    bench.engine.news_of_others = True
    await bench.run()
    assert [record.status for record in told] == [status]
    assert not wait.done()
    wait.cancel()


# ---- when the store is out of order --------------------------------------------------------


async def test_a_failed_commit_is_told_to_everyone_who_asked(bench: Bench) -> None:
    bench.engine.failures = [StoreError("disk full: free some space")]
    one, two = await bench.ask(
        bench.turns.create(creation("a")),
        bench.turns.send(RaiseEvent(instance_id="a", name="go", data=NOTHING)),
    )
    assert isinstance(one, StoreError) and isinstance(two, StoreError)
    assert one is not two, "one exception raised in two tasks would mix their tracebacks"
    assert "disk full" in str(one)
    assert await bench.ask(bench.turns.count(InstanceQuery())) == [0]


async def test_after_a_failed_commit_the_turns_go_on(bench: Bench) -> None:
    bench.engine.failures = [StoreError("disk full")]
    await bench.ask(bench.turns.create(creation("a")))
    (created,) = await bench.ask(bench.turns.create(creation("a")))
    assert created.fresh


async def test_a_failed_commit_makes_the_driver_drop_its_work_and_rest(bench: Bench) -> None:
    driver = bench.attach("flow")
    error = StoreError("disk full")
    bench.engine.failures = [error]
    pause = await bench.run()
    assert driver.trace == ["prepare", "abandon"]
    assert driver.abandoned == [error]
    assert pause is not None and pause > 0


async def test_clients_are_served_while_a_driver_rests(bench: Bench) -> None:
    driver = bench.attach("flow")
    bench.engine.failures = [StoreError("disk full")]
    await bench.run()
    (created,) = await bench.ask(bench.turns.create(creation("a")))
    assert created.fresh
    assert driver.trace == ["prepare", "abandon"]


async def test_one_request_that_cannot_be_stored_does_not_harm_the_others(bench: Bench) -> None:
    def refuse(batch: Batch) -> Exception | None:
        poisoned = any(each.instance_id == "bad" for each in batch.creates)
        return UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates") if poisoned else None

    bench.engine.refuse = refuse
    good, bad, event = await bench.ask(
        bench.turns.create(creation("good")),
        bench.turns.create(creation("bad")),
        bench.turns.send(RaiseEvent(instance_id="good", name="go", data=NOTHING)),
    )
    assert good.fresh
    assert isinstance(bad, StoreError) and "surrogates" in str(bad)
    assert event == 1


async def test_an_event_is_not_sent_twice_when_a_commit_fails(bench: Bench) -> None:
    await bench.ask(bench.turns.create(creation("a")))
    event = RaiseEvent(instance_id="a", name="go", data=NOTHING)
    bench.engine.failures = [StoreError("disk full")]
    await bench.ask(bench.turns.send(event))
    await bench.run()
    assert all(not batch.messages for batch in bench.engine.batches)


async def test_a_driver_that_fails_to_prepare_does_not_stop_clients(bench: Bench) -> None:
    driver = bench.attach("flow")

    def fail() -> None:
        raise ZeroDivisionError

    driver.on_prepare = fail
    (created,) = await bench.ask(bench.turns.create(creation("a")))
    assert created.fresh
    assert [type(error) for error in driver.abandoned] == [ZeroDivisionError]


async def test_a_driver_that_fails_to_settle_drops_its_work(bench: Bench) -> None:
    driver = bench.attach("flow")

    def fail() -> None:
        raise ZeroDivisionError

    driver.on_settle = fail
    (created,) = await bench.ask(bench.turns.create(creation("a")))
    assert created.fresh, "what was committed is acknowledged all the same"
    assert driver.trace == ["prepare", "settle", "abandon"]


async def test_a_driver_leaves_even_if_its_last_turn_fails(bench: Bench) -> None:
    driver = bench.attach("flow", answer=sleep_then_complete)
    await bench.ask(bench.turns.create(creation("a")))
    driver.due.append(Claimed(lease=Lease("a", "gone", 1), history=(), news=()))
    bench.engine.failures = [StoreError("disk full")]
    (error,) = await bench.ask(bench.turns.detach(driver))
    assert isinstance(error, StoreError)
    assert not bench.turns.listens


async def test_a_read_that_fails_is_told_to_its_asker_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(query: InstanceQuery) -> int:
        raise OSError("unplugged")

    monkeypatch.setattr(bench.engine, "count", fail)
    count, page = await bench.ask(
        bench.turns.count(InstanceQuery()), bench.turns.page(InstanceQuery())
    )
    assert isinstance(count, StoreError) and "unplugged" in str(count)
    assert page.records == ()


async def test_one_instance_that_cannot_be_read_does_not_hide_the_end_of_another(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.ask(*(bench.turns.create(creation(name)) for name in ("good", "bad")))
    good, bad = await bench.ask(bench.turns.ended("good"), bench.turns.ended("bad"))
    look = bench.engine.at_work

    def at_work(instance_ids: Any) -> Any:
        if "bad" in instance_ids:
            raise StoreError("damaged")
        return look(instance_ids)

    monkeypatch.setattr(bench.engine, "at_work", at_work)
    bench.engine.news_of_others = True
    await bench.ask(bench.turns.send(Terminate(instance_id="good", reason="")))
    assert (await good).status is RuntimeStatus.TERMINATED
    with pytest.raises(StoreError, match="damaged"):
        await bad


async def test_a_mistake_inside_a_turn_leaves_nobody_waiting(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(bench.turns, "_dismiss", fail)
    task = asyncio.ensure_future(bench.turns.count(InstanceQuery()))
    await asyncio.sleep(0)
    with pytest.raises(ZeroDivisionError):
        bench.turns.run_turn()
    assert await asyncio.wait_for(task, 5) == 0


async def test_others_are_looked_for_again_after_a_look_that_failed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = bench.attach("flow")
    await bench.run()
    looks: list[str] = []

    def fail() -> bool:
        looks.append("look")
        raise StoreError("the file is gone")

    with monkeypatch.context() as broken:
        broken.setattr(bench.engine, "changed", fail)
        pause = await bench.run()
        await bench.run()
    assert looks == ["look"], "the store has its rest"
    assert pause is not None and pause > 0
    assert driver.trace == ["prepare", "settle"]
    (created,) = await bench.ask(bench.turns.create(creation("a")))
    assert created.fresh


async def test_what_a_driver_had_no_place_for_is_asked_for_again_but_not_without_end(
    bench: Bench,
) -> None:
    driver = bench.attach("flow", answer=sleep_then_complete)
    assert driver.claim is not None
    driver.claim = attrs.evolve(driver.claim, max_instances=0)
    await bench.ask(bench.turns.create(creation("a")))
    pause = bench.turns.run_turn()
    assert pause is not None and 0 < pause <= 0.05
    driver.claim = attrs.evolve(driver.claim, max_instances=1)
    bench.clock.moment += timedelta(milliseconds=50)
    await bench.run()
    (record,) = await bench.ask(bench.turns.record("a"))
    assert record.status is RuntimeStatus.RUNNING


async def test_a_driver_that_fails_to_drop_its_work_does_not_stop_the_turn(bench: Bench) -> None:
    driver = bench.attach("flow")

    def fail(error: BaseException) -> None:
        raise ZeroDivisionError

    driver.abandon = fail
    bench.engine.failures = [StoreError("disk full")]
    (refused,) = await bench.ask(bench.turns.create(creation("a")))
    assert isinstance(refused, StoreError)
    assert await bench.ask(bench.turns.count(InstanceQuery())) == [0]


async def test_a_session_that_cannot_be_closed_is_told_to_the_driver_that_leaves(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = bench.attach("flow")
    await bench.run()

    def fail(session: str) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(bench.engine, "close_session", fail)
    (error,) = await bench.ask(bench.turns.detach(driver))
    assert isinstance(error, StoreError)
    assert not bench.turns.listens


async def test_a_driver_may_leave_while_it_rests(bench: Bench) -> None:
    driver = bench.attach("flow")
    bench.engine.failures = [StoreError("disk full")]
    await bench.run()
    assert await bench.ask(bench.turns.detach(driver)) == [None]
    assert not bench.turns.listens


async def test_what_one_driver_gave_back_another_one_takes_at_once(bench: Bench) -> None:
    first = bench.attach("flow", answer=sleep_then_complete)
    second = bench.attach("flow", answer=sleep_then_complete)
    await bench.ask(bench.turns.create(creation("a")))
    assert first.lengths and not second.lengths
    first.claim = None
    await bench.ask(bench.turns.detach(first))
    bench.clock.moment += timedelta(hours=1)
    await bench.run()
    (record,) = await bench.ask(bench.turns.record("a"))
    assert record.status is RuntimeStatus.COMPLETED
    assert second.lengths


async def test_a_session_is_opened_in_a_turn(bench: Bench) -> None:
    (session,) = await bench.ask(bench.turns.open_session("somebody"))
    assert isinstance(session, str) and session


async def test_a_driver_that_is_dropped_is_asked_nothing_more(bench: Bench) -> None:
    driver = bench.attach("flow")
    await bench.run()
    before = list(driver.trace)
    bench.turns.drop(driver)
    await bench.ask(bench.turns.create(creation("a")))
    assert driver.trace == before
    assert await bench.ask(bench.turns.detach(driver)) == [None]


# ---- the end -------------------------------------------------------------------------------


async def test_closing_refuses_what_is_still_asked_and_whatever_comes_later(bench: Bench) -> None:
    await bench.ask(bench.turns.create(creation("a")))
    (wait,) = await bench.ask(bench.turns.ended("a"))
    late = asyncio.ensure_future(bench.turns.create(creation("b")))
    await asyncio.sleep(0)
    bench.turns.close()
    for question in (wait, late, bench.turns.record("a")):
        with pytest.raises(StoreError, match="closed"):
            await question


async def test_closing_gives_back_what_drivers_hold(bench: Bench) -> None:
    driver = bench.attach("flow", answer=sleep_then_complete)
    await bench.ask(bench.turns.create(creation("a")))
    bench.turns.close()
    assert driver.trace[-1] == "abandon"
    await bench.turns.detach(driver)
    again = Turns(bench.engine, wake=lambda: None)
    heir = ScriptedDriver(bench.engine.open_session("heir"), "flow", answer=complete)
    again.attach(heir)
    bench.clock.moment += timedelta(hours=1)
    again.run_turn()
    assert [claimed.lease.instance_id for claimed in heir.due] == ["a"]
