"""Episodes, as a worker runs them: kept or rebuilt, woken directly or through the store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

import pytest

import durable_async as da
from durable_async.client.handle import Handle
from durable_async.core.episode import Execution
from durable_async.engines.memory import MemoryEngine
from durable_async.errors import StoreError
from durable_async.model.history import (
    ActivityCompleted,
    Delivered,
    EventReceived,
    ExecutionStarted,
    HistoryEvent,
    TimerFired,
)
from durable_async.model.outcome import Blocked, EpisodeResult, Outcome
from durable_async.model.work import (
    ActivityReport,
    AttemptSucceeded,
    Batch,
    Cancel,
    EpisodeCommit,
)
from durable_async.worker import orchestrations as orchestrations_module
from durable_async.worker.progress import DefinitionMissing, EpisodeEnded, InstanceIdle, Step
from durable_async.worker.replays import ReplayFilter

from .bench import until
from .plant import Plant

CACHES = pytest.mark.parametrize("cache", [0, 1, 100])


@pytest.fixture
async def plant() -> AsyncIterator[Plant]:
    async with Plant() as plant:
        yield plant


@da.activity
async def add(a: int, b: int) -> int:
    return a + b


@da.orchestrator
async def total(numbers: list[int]) -> int:
    result = 0
    for number in numbers:
        result = await add(result, number)
    return result


@da.orchestrator
async def wait_for(name: str) -> str:
    return await da.wait_for_event(name, str)


# ---- kept or rebuilt -----------------------------------------------------------------------


@CACHES
async def test_activities_in_a_row(plant: Plant, cache: int) -> None:
    await plant.work(total, add, cache=cache)
    assert await plant.result(total([1, 2, 3, 4])) == 10


@CACHES
async def test_activities_side_by_side_come_back_uncrossed(plant: Plant, cache: int) -> None:
    @da.activity
    async def echo(value: str) -> str:
        for _ in range(len(value)):
            await asyncio.sleep(0)
        return value

    @da.orchestrator
    async def fan_out() -> list[list[str]]:
        async def branch(name: str) -> list[str]:
            return [await echo(f"{name}{n}" + "." * n) for n in (3, 1, 2)]

        return list(await asyncio.gather(*[branch(name) for name in ("aaaa", "b", "cc")]))

    await plant.work(fan_out, echo, cache=cache)
    assert await plant.result(fan_out()) == [
        [f"{name}{n}" + "." * n for n in (3, 1, 2)] for name in ("aaaa", "b", "cc")
    ]


@CACHES
async def test_timers_and_events(plant: Plant, cache: int) -> None:
    @da.orchestrator
    async def approval() -> list[str]:
        said = []
        try:
            async with asyncio.timeout(60):
                said.append(await da.wait_for_event("first", str))
                said.append(await da.wait_for_event("second", str))
        except TimeoutError:
            said.append("too late")
        return said

    await plant.work(approval, cache=cache)
    handle = await plant.start(approval())
    await handle.raise_event("first", "yes")
    await plant.quiet()
    await plant.move(61)
    assert await handle.result() == ["yes", "too late"]


async def test_a_kept_coroutine_is_not_run_again(plant: Plant) -> None:
    begun: list[int] = []

    @da.orchestrator
    async def count() -> None:
        begun.append(1)
        for n in range(5):
            await add(n, n)

    await plant.work(count, add)
    await plant.result(count())
    assert len(begun) == 1


async def test_without_a_cache_each_episode_is_rebuilt_and_the_lease_given_up(
    plant: Plant,
) -> None:
    begun: list[int] = []

    @da.orchestrator
    async def count() -> None:
        begun.append(1)
        for n in range(5):
            await add(n, n)

    await plant.work(count, add, cache=0)
    await plant.result(count())
    assert len(begun) == 6
    assert sum(len(batch.releases) for batch in plant.engine.batches) == 6


async def test_the_least_recently_woken_instance_is_given_up_first(plant: Plant) -> None:
    await plant.work(wait_for, cache=2)
    handles = [await plant.start(wait_for("go"), f"order-{n}") for n in range(3)]
    await plant.quiet()
    released = [each.instance_id for batch in plant.engine.batches for each in batch.releases]
    assert released == ["order-0"]
    for handle in handles:
        await handle.raise_event("go", handle.id)
    assert [await handle.result() for handle in handles] == ["order-0", "order-1", "order-2"]


async def test_evicting_runs_no_clean_up_that_could_do_something(plant: Plant) -> None:
    seen: list[str] = []

    @da.orchestrator
    async def guarded() -> str:
        try:
            return await da.wait_for_event("go", str)
        finally:
            seen.append("left")
            await add(1, 1)
            seen.append("cleaned")

    await plant.work(guarded, add, cache=0)
    handle = await plant.start(guarded())
    await plant.quiet()
    assert seen == ["left"]  # dropped from memory, and nothing was scheduled
    await handle.raise_event("go", "now")
    assert await handle.result() == "now"
    assert seen.count("cleaned") == 1


# ---- results -------------------------------------------------------------------------------


async def test_results_of_its_own_activities_do_not_pass_through_the_inbox(plant: Plant) -> None:
    await plant.work(total, add)
    await plant.result(total([1, 2, 3]))
    assert sum(len(each.finished) for each in plant.engine.episodes()) == 3
    assert all(batch.reports == () for batch in plant.engine.batches)


async def test_a_result_costs_one_commit(plant: Plant) -> None:
    await plant.work(total, add)
    await plant.result(total([1]))
    before = len(plant.engine.batches)
    await plant.result(total(list(range(20))), "order-2")
    assert len(plant.engine.batches) - before <= 22  # its start, twenty results, little else


async def test_results_of_an_instance_that_is_not_kept_go_through_the_store(plant: Plant) -> None:
    await plant.work(total, add, cache=0)
    await plant.result(total([1, 2, 3]))
    assert sum(len(batch.reports) for batch in plant.engine.batches) == 3
    assert all(each.finished == () for each in plant.engine.episodes())


async def test_a_timer_that_was_due_before_a_result_came_is_delivered_before_it(
    plant: Plant,
) -> None:
    release = asyncio.Event()

    @da.activity
    async def slow() -> str:
        await release.wait()
        return "result"

    @da.orchestrator
    async def race() -> list[str]:
        order: list[str] = []

        async def work() -> None:
            order.append(await slow())

        async def sleep() -> None:
            await asyncio.sleep(10)
            order.append("timer")

        await asyncio.gather(work(), sleep())
        return order

    await plant.work(race, slow)
    handle = await plant.start(race())
    await plant.quiet()
    release.set()
    plant.clock.move(11)  # and nobody tells the turns: the result does
    assert await handle.result() == ["timer", "result"]
    delivered = [
        type(e) for e in await plant.history() if type(e) in (TimerFired, ActivityCompleted)
    ]
    assert delivered == [TimerFired, ActivityCompleted]


async def test_a_failure_that_is_retried_adds_no_history(plant: Plant) -> None:
    attempts: list[int] = []

    @da.activity(retry=da.RetryPolicy(max_attempts=3, initial_interval=5))
    async def flaky() -> int:
        attempts.append(da.activity_info().attempt)
        if len(attempts) < 3:
            raise ConnectionError("down")
        return len(attempts)

    @da.orchestrator
    async def call() -> int:
        return await flaky()

    await plant.work(call, flaky)
    handle = await plant.start(call())
    await plant.quiet()
    assert attempts == [1]
    (pending,) = (await handle.state()).pending
    assert (pending.attempt, pending.last_failure and pending.last_failure.message) == (2, "down")
    await plant.move(20)
    assert await handle.result() == 3
    assert attempts == [1, 2, 3]
    assert [type(e) for e in await plant.history()].count(ActivityCompleted) == 1


async def test_the_next_attempt_finds_the_last_heartbeat(plant: Plant) -> None:
    found: list[object] = []

    @da.activity(retry=da.RetryPolicy(initial_interval=0))
    async def copy() -> None:
        found.append(da.activity_info().last_heartbeat)
        if len(found) < 3:
            da.heartbeat({"page": len(found)})  # and fails within the same turn
            raise ConnectionError("down")

    @da.orchestrator
    async def call() -> None:
        await copy()

    await plant.work(call, copy)
    await plant.result(call())
    assert found == [None, {"page": 1}, {"page": 2}]


async def test_no_more_activities_run_at_once_than_allowed(plant: Plant) -> None:
    running: set[int] = set()
    most: list[int] = []

    @da.activity
    async def work(n: int) -> None:
        running.add(n)
        most.append(len(running))
        await asyncio.sleep(0)
        running.discard(n)

    @da.orchestrator
    async def fan_out() -> None:
        await asyncio.gather(*[work(n) for n in range(20)])

    await plant.work(fan_out, work, max_activities=3)
    await plant.result(fan_out())
    assert max(most) == 3


async def test_activities_of_other_queues_are_left_for_others(plant: Plant) -> None:
    @da.orchestrator
    async def call() -> int:
        return await add.options(queue="gpu")(1, 2)

    await plant.work(call, add)
    handle = await plant.start(call())
    await plant.quiet()
    assert (await handle.state()).status is da.RuntimeStatus.RUNNING
    await plant.work(add, queues=frozenset({"gpu"}))
    assert await handle.result() == 3


# ---- cancelling ----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["now", "wait"])
async def test_cancelling_the_await_cancels_the_running_activity(plant: Plant, mode: str) -> None:
    seen: list[str] = []
    began = asyncio.Event()

    @da.activity
    async def hang() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("activity")
            raise

    @da.orchestrator
    async def call() -> list[str]:
        patient = hang.options(cancel="wait")
        task = asyncio.create_task(patient() if mode == "wait" else hang())
        await da.wait_for_event("stop")
        task.cancel()
        await asyncio.wait([task])
        return ["cancelled"] if task.cancelled() else ["went on"]

    await plant.work(call, hang)
    handle = await plant.start(call())
    await began.wait()
    await handle.raise_event("stop")
    assert await handle.result() == ["cancelled"]
    await until(lambda: seen == ["activity"])


async def test_terminating_stops_what_runs(plant: Plant) -> None:
    began, stopped = asyncio.Event(), asyncio.Event()

    @da.activity
    async def hang() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    @da.orchestrator
    async def call() -> None:
        await hang()

    await plant.work(call, hang)
    handle = await plant.start(call())
    await began.wait()
    await handle.terminate("enough")
    await stopped.wait()
    assert (await handle.state()).status is da.RuntimeStatus.TERMINATED


# ---- what goes wrong -----------------------------------------------------------------------


@pytest.mark.parametrize("fault", [StoreError("disk full"), ValueError("a bug")])
@pytest.mark.parametrize("nth", range(6))
async def test_after_a_failed_commit_all_goes_on_and_nothing_runs_twice(
    plant: Plant, fault: Exception, nth: int
) -> None:
    ran: list[int] = []

    @da.activity
    async def step(n: int) -> int:
        ran.append(n)
        return n

    @da.orchestrator
    async def call() -> list[int]:
        return [await step(n) for n in range(4)]

    await plant.work(call, step)
    handle = await plant.start(call())
    waiting = asyncio.ensure_future(handle.result())
    await until(lambda: len(plant.engine.batches) >= nth or waiting.done())
    plant.engine.faults.append(fault)
    await plant.until_done(waiting)
    assert await waiting == [0, 1, 2, 3]
    assert ran == [0, 1, 2, 3]


async def test_one_episode_that_cannot_be_stored_is_found_and_blocked(plant: Plant) -> None:
    plant.engine.cannot_store = lambda part: (
        isinstance(part, EpisodeCommit)
        and isinstance(part.result, Outcome)
        and part.lease.instance_id == "order-3"
        and any(isinstance(each, ActivityCompleted) for each in part.result.events)
    )
    await plant.work(total, add)
    handles = [await plant.start(total([1, 2, n]), f"order-{n}") for n in range(8)]
    waiting = {handle.id: asyncio.ensure_future(handle.result()) for handle in handles}
    poison = waiting.pop("order-3")
    await plant.until_done(asyncio.gather(*waiting.values()))
    assert [each.result() for each in waiting.values()] == [3 + n for n in range(8) if n != 3]
    state = await handles[3].state()
    assert state.status is da.RuntimeStatus.BLOCKED
    assert state.blocked is not None and "too large for the store" in state.blocked
    poison.cancel()


@pytest.mark.parametrize("raises", [True, False])
async def test_one_result_that_cannot_be_stored_fails_its_activity(
    plant: Plant, raises: bool
) -> None:
    def is_poison(part: object) -> bool:
        return (
            isinstance(part, ActivityReport)
            and part.lease.instance_id == "order-3"
            and isinstance(part.end, AttemptSucceeded)
        )

    if raises:
        plant.engine.cannot_store = is_poison
    else:
        refusal = da.EngineLimitError("too large for the store")
        plant.engine.refuses = lambda report: refusal if is_poison(report) else None
    await plant.work(total, add, cache=0)
    handles = [await plant.start(total([1, n]), f"order-{n}") for n in range(5)]
    results = asyncio.gather(*[handle.result() for handle in handles], return_exceptions=True)
    await plant.until_done(results)
    poisoned = (await results).pop(3)
    assert isinstance(poisoned, da.SerializationError)
    assert "too large for the store" in str(poisoned)
    assert [each for each in await results if each is not poisoned] == [1, 2, 3, 5]


@CACHES
async def test_what_a_turn_has_no_time_for_is_run_in_the_next(
    plant: Plant, cache: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orchestrations_module, "TURN_TIME", -1)
    await plant.work(total, add, cache=cache)
    handles = [await plant.start(total([1, 2, n]), f"order-{n}") for n in range(10)]
    assert [await handle.result() for handle in handles] == [3 + n for n in range(10)]
    assert max(len(batch.episodes) for batch in plant.engine.batches) == 1


async def test_a_worker_that_was_taken_over_drops_what_it_ran(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    release = asyncio.Event()
    began: list[int] = []
    stopped: list[int] = []

    @da.activity
    async def hang() -> str:
        began.append(1)
        try:
            await release.wait()
        except asyncio.CancelledError:
            stopped.append(1)
            raise
        return "done"

    @da.orchestrator
    async def call() -> str:
        await asyncio.gather(hang(), hang())
        return "all done"

    await plant.work(call, hang)
    handle = await plant.start(call())
    await until(lambda: len(began) == 2)
    # As after a stop of the process that outlasted its lease: others may have what it holds.
    plant.engine.let_leases_end()
    release.set()
    assert await handle.result() == "all done"
    assert len(began) == 4  # what it did for the lost leases was refused, and done again


async def test_code_that_no_longer_fits_blocks_until_it_fits_again(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    @da.orchestrator(name="flow")
    async def flow() -> str:
        await add(1, 1)
        return await da.wait_for_event("go", str)

    @da.orchestrator(name="flow")
    async def other_flow() -> str:
        await asyncio.sleep(5)
        return await da.wait_for_event("go", str)

    first = await plant.work(flow, add)
    handle = await plant.start(flow())
    await plant.quiet()
    await plant.stop(first)
    second = await plant.work(other_flow, add)
    await handle.raise_event("go", "now")
    await plant.quiet()
    state = await handle.state()
    assert state.status is da.RuntimeStatus.BLOCKED
    assert state.blocked is not None and "'add'" in state.blocked
    assert "'order-1'" in caplog.text
    tried = len(plant.engine.episodes())
    await plant.move(3)
    assert len(plant.engine.episodes()) == tried  # once for each release of the code
    await plant.stop(second)
    await plant.work(flow, add)
    assert await handle.result() == "now"


async def test_a_fault_of_ours_blocks_one_instance_and_stops_no_other(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Execution):
        def run(
            self, history: Sequence[HistoryEvent], news: Sequence[Delivered], now: datetime
        ) -> EpisodeResult:
            first = history[0] if history else None
            if isinstance(first, ExecutionStarted) and first.instance_id == "order-1":
                raise LookupError("a bug")
            return super().run(history, news, now)

    monkeypatch.setattr(orchestrations_module, "Execution", Broken)
    await plant.work(total, add)
    broken = await plant.start(total([1]))
    assert await plant.result(total([1, 2]), "order-2") == 3
    state = await broken.state()
    assert state.status is da.RuntimeStatus.BLOCKED
    assert state.blocked is not None and "LookupError: a bug" in state.blocked
    assert "broke down" in caplog.text


async def test_a_missing_activity_is_told_once_and_run_by_a_worker_that_has_it(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    steps: list[Step] = []
    await plant.work(total, observer=steps.append)
    handle = await plant.start(total([5]))
    await plant.result(total([]), "order-2")
    await plant.quiet()
    (said,) = [each for each in caplog.messages if "waits for activity" in each]
    assert "'add'" in said and "'order-1'" in said and "test_orchestrations.py" in said
    assert [each.name for each in steps if isinstance(each, DefinitionMissing)] == ["add"]
    await plant.work(add)
    assert await handle.result() == 5


async def test_an_instance_that_waits_for_nothing_is_told_once_with_its_line(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    @da.orchestrator
    async def stuck() -> None:
        await asyncio.get_running_loop().create_future()

    steps: list[Step] = []
    await plant.work(stuck, observer=steps.append)
    handle = await plant.start(stuck())
    await plant.quiet()
    (said,) = [each for each in caplog.messages if "waits for nothing" in each]
    assert "'order-1'" in said and "test_orchestrations.py" in said
    (idle,) = [each for each in steps if isinstance(each, InstanceIdle)]
    assert idle.tasks and "test_orchestrations.py" in idle.tasks[0][1]
    assert (await handle.state()).status is da.RuntimeStatus.RUNNING


async def test_a_failure_that_nobody_collects_is_logged_once_with_the_instance(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    @da.orchestrator
    async def careless() -> str:
        async def background() -> None:
            await add(1, 1)
            raise ValueError("nobody looks")

        task = asyncio.create_task(background())
        await add(1, 2)
        await add(1, 3)
        return task.get_name()

    await plant.work(careless, add)
    await plant.result(careless())
    said = [each for each in caplog.records if each.name == "durable_async.worker"]
    assert ["'order-1'" in each.getMessage() for each in said] == [True]
    assert "test_orchestrations.py:" in said[0].getMessage()
    assert said[0].exc_info is not None and "nobody looks" in str(said[0].exc_info[1])


@CACHES
async def test_what_an_orchestrator_logs_is_logged_once(
    plant: Plant, cache: int, caplog: pytest.LogCaptureFixture
) -> None:
    shop = logging.getLogger("shop")
    caplog.set_level(logging.INFO, "shop")

    @da.orchestrator
    async def chatty() -> None:
        for n in range(3):
            shop.info("before %d", n)
            await add(n, n)
            shop.info("after %d", n)

    worker = await plant.work(chatty, add, cache=cache)
    await plant.result(chatty())
    said = [each.getMessage() for each in caplog.records if each.name == "shop"]
    assert said == [f"{when} {n}" for n in range(3) for when in ("before", "after")]
    await plant.stop(worker)
    assert not [
        each
        for handler in logging.getLogger().handlers
        for each in handler.filters
        if isinstance(each, ReplayFilter)
    ]


async def test_a_raised_event_for_a_kept_instance_is_one_episode(plant: Plant) -> None:
    await plant.work(wait_for)
    handle = await plant.start(wait_for("go"))
    await plant.quiet()
    before = len(plant.engine.episodes())
    await handle.raise_event("go", "now")
    assert await handle.result() == "now"
    assert len(plant.engine.episodes()) == before + 1
    assert EventReceived in [type(each) for each in await plant.history()]


async def test_steps_are_told_after_they_are_durable(plant: Plant) -> None:
    told: list[tuple[str, int]] = []

    def observe(step: Step) -> None:
        told.append((type(step).__name__, len(plant.engine.batches)))

    await plant.work(total, add, observer=observe)
    await plant.result(total([1]))
    assert [name for name, _ in told] == [
        "EpisodeEnded",
        "AttemptBegan",
        "AttemptEnded",
        "EpisodeEnded",
    ] or [name for name, _ in told] == [
        "AttemptBegan",
        "EpisodeEnded",
        "AttemptEnded",
        "EpisodeEnded",
    ]


async def test_only_the_named_instances_are_taken_on(plant: Plant) -> None:
    await plant.work(total, add, only=frozenset({"order-2"}))
    first = await plant.start(total([1]))
    assert await plant.result(total([1, 2]), "order-2") == 3
    await plant.quiet()
    assert (await first.state()).status is da.RuntimeStatus.PENDING


async def test_definitions_may_become_known_as_they_are_awaited(plant: Plant) -> None:
    await plant.work(total, learns=True)
    assert await plant.result(total([4, 5])) == 9


async def test_thousands_of_waiting_instances_are_taken_on_in_turns(plant: Plant) -> None:
    await plant.work(wait_for)
    handles = [await plant.start(wait_for("go"), f"order-{n}") for n in range(1000)]
    await plant.quiet()
    assert max(len(each.claimed) for each in plant.engine.receipts) <= 256
    for handle in handles:
        await handle.raise_event("go", handle.id)
    assert [await handle.result() for handle in handles] == [handle.id for handle in handles]


def blocked(steps: list[Step]) -> list[Blocked]:
    return [
        each.result
        for each in steps
        if isinstance(each, EpisodeEnded) and isinstance(each.result, Blocked)
    ]


async def test_a_blocked_instance_may_be_tried_again_under_the_same_definitions(
    plant: Plant,
) -> None:
    @da.orchestrator(name="flow")
    async def flow() -> None:
        await add(1, 1)
        await da.wait_for_event("go")

    @da.orchestrator(name="flow")
    async def other_flow() -> None:
        await asyncio.sleep(1)

    first = await plant.work(flow, add)
    handle = await plant.start(flow())
    await plant.quiet()
    await plant.stop(first)
    await handle.raise_event("go")
    for _ in range(2):
        steps: list[Step] = []
        worker = await plant.work(other_flow, add, retries_blocked=True, observer=steps.append)
        await plant.quiet()
        assert [each.reason for each in blocked(steps)] == ["mismatch"]
        await plant.stop(worker)


async def test_an_outcome_is_never_committed_twice(plant: Plant) -> None:
    await plant.work(total, add)
    await plant.result(total([1, 2, 3]))
    ends = [
        each
        for each in plant.engine.episodes()
        if isinstance(each.result, Outcome) and each.result.ended is not None
    ]
    assert len(ends) == 1


async def test_a_quiet_worker_logs_nothing_alarming(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    worker = await plant.work(total, add)
    await plant.result(total([1, 2]))
    await plant.stop(worker)
    assert caplog.messages == []


# ---- what was accepted before a result -------------------------------------------------------


class Work:
    """An activity that ends when it is let go, and what becomes of an orchestrator meanwhile."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.attempts: list[int] = []

    @da.activity(name="work")
    async def work(self) -> str:
        self.attempts.append(da.activity_info().attempt)
        await self.go_on.wait()
        return "worked"


@da.orchestrator
async def wait_for_work() -> str:
    try:
        return await Work.work()
    except asyncio.CancelledError as error:
        return f"cancelled: {error}"


async def begun(plant: Plant, work: Work, cache: int) -> Handle[str]:
    await plant.work(wait_for_work, work, cache=cache)
    handle = await plant.start(wait_for_work())
    await until(lambda: bool(work.attempts))
    return handle


@CACHES
@pytest.mark.parametrize("same_turn", [True, False])
async def test_a_result_waits_while_its_instance_is_suspended(
    plant: Plant, cache: int, same_turn: bool
) -> None:
    work = Work()
    handle = await begun(plant, work, cache)
    suspending = asyncio.ensure_future(handle.suspend("wait"))
    if not same_turn:
        await suspending
    work.go_on.set()
    await suspending
    await plant.quiet()
    state = await handle.state()
    assert state.status is da.RuntimeStatus.SUSPENDED
    assert state.pending[0].kind == "activity"
    assert len(kinds(await plant.history(), ActivityCompleted)) == 0
    await handle.resume()
    assert await handle.result() == "worked"
    assert work.attempts == [1]


@CACHES
async def test_suspending_does_not_stop_what_runs(plant: Plant, cache: int) -> None:
    work = Work()
    handle = await begun(plant, work, cache)
    await handle.suspend("wait")
    await handle.raise_event("ignored")
    await plant.move(60)
    await handle.resume()
    await plant.quiet()
    work.go_on.set()
    assert await handle.result() == "worked"
    assert work.attempts == [1]


@CACHES
async def test_a_cancel_that_was_accepted_before_a_result_comes_before_it(
    plant: Plant, cache: int
) -> None:
    work = Work()
    handle = await begun(plant, work, cache)
    # By another process: the driver here has not seen it when the result comes.
    cancel = Batch(messages=(Cancel(instance_id=handle.id, reason="before"),))
    (sent,) = MemoryEngine.commit(plant.engine, cancel).sent
    assert sent == 1
    plant.clock.move(1)
    work.go_on.set()
    assert await handle.result() == "cancelled: before"


def kinds(history: Iterable[object], *wanted: type) -> list[object]:
    return [event for event in history if isinstance(event, wanted)]
