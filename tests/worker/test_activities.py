"""One attempt of an activity: how it runs, and what it comes to."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import durable_async as da
from durable_async.model.options import ActivityOptions, RetryRule
from durable_async.model.payload import Payload
from durable_async.model.work import (
    AttemptCancelled,
    AttemptFailed,
    AttemptReleased,
    AttemptSucceeded,
    Heartbeat,
)
from durable_async.worker import activities as activities_module
from durable_async.worker import attempts as attempts_module
from durable_async.worker.attempts import Stop

from .bench import Bench, until

RETRIES = ActivityOptions(retry=RetryRule(max_attempts=5))
BOOKED = contextvars.ContextVar[str]("BOOKED", default="nobody")


@da.activity
async def add(a: int, b: int) -> int:
    await asyncio.sleep(0)
    return a + b


@da.activity
def add_in_thread(a: int, b: int) -> int:
    return a + b


@da.activity
async def decline(reason: str) -> None:
    raise ValueError(reason)


@da.activity
def decline_in_thread(reason: str) -> None:
    raise ValueError(reason)


class Payments:
    def __init__(self, account: str) -> None:
        self.account = account

    @da.activity
    async def charge(self, cents: int) -> str:
        return f"{self.account}:{cents}"

    @da.activity
    def refund(self, cents: int) -> str:
        return f"{self.account}:-{cents}"


# ---- results -------------------------------------------------------------------------------


@pytest.mark.parametrize("activity", [add, add_in_thread])
async def test_a_result_is_encoded(activity: da.Activity[..., int]) -> None:
    assert await Bench(activity).value(activity, 2, 3) == 5


async def test_methods_run_on_the_instance_that_the_worker_was_given() -> None:
    bench = Bench(Payments("acme"))
    assert await bench.value(Payments.charge, 5) == "acme:5"
    assert await bench.value(Payments.refund, 7) == "acme:-7"


@pytest.mark.parametrize("value", [0, "", False, None, [], {}])
async def test_falsy_results_survive(value: Any) -> None:
    @da.activity
    async def echo() -> Any:
        return value

    assert await Bench(echo).value(echo) == value


async def test_an_async_body_runs_on_the_application_s_loop() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    @da.activity
    async def where() -> None:
        loops.append(asyncio.get_running_loop())

    await Bench(where).value(where)
    assert loops == [asyncio.get_running_loop()]


async def test_a_blocking_def_does_not_stall_the_loop() -> None:
    release = threading.Event()

    @da.activity
    def block() -> bool:
        return release.wait(10)

    bench = Bench(block, add)
    bench.begin(bench.task(block))
    assert await bench.value(add, 1, 1) == 2
    release.set()
    assert await bench.ended() == [AttemptSucceeded(Payload(b"true"))]


@pytest.mark.parametrize("kind", ["async", "def"])
async def test_a_body_runs_in_a_copy_of_the_context_in_which_the_worker_began(kind: str) -> None:
    @da.activity(name="look")
    async def look() -> str:
        before = BOOKED.get()
        BOOKED.set("the activity")
        return before

    @da.activity(name="look")
    def look_in_thread() -> str:
        before = BOOKED.get()
        BOOKED.set("the activity")
        return before

    activity: da.Activity[..., str] = look if kind == "async" else look_in_thread
    token = BOOKED.set("the application")
    bench = Bench(activity)
    BOOKED.reset(token)
    assert await bench.value(activity) == "the application"
    assert await bench.value(activity) == "the application"
    assert BOOKED.get() == "nobody"


# ---- what an activity knows of itself ------------------------------------------------------


async def test_an_activity_knows_which_attempt_it_is() -> None:
    infos: list[da.ActivityInfo] = []

    @da.activity(timeout=90)
    def look() -> None:
        infos.append(da.activity_info())

    bench = Bench(look)
    task = bench.task(look, attempt=3, heartbeat=Payload(b'{"page":7}'))
    bench.begin(task)
    await bench.ended()
    (info,) = infos
    assert (info.instance_id, info.activity, info.attempt) == ("order-1", "look", 3)
    assert info.last_heartbeat == {"page": 7}
    assert info.deadline is not None
    assert (info.deadline - task.scheduled_at).total_seconds() == 90


async def test_the_idempotency_key_is_one_for_all_attempts_of_a_call_and_of_no_other() -> None:
    keys: list[str] = []

    @da.activity
    async def look() -> None:
        keys.append(da.activity_info().idempotency_key)

    bench = Bench(look)
    first, second = bench.task(look), bench.task(look, attempt=2)
    again = bench.task(look, attempt=2)
    object.__setattr__(again, "lease", type(first.lease)("order-1", "x-1", first.lease.number, 2))
    for task in (first, second, again):
        bench.begin(task)
        await bench.ended()
    assert keys[0] == keys[2] != keys[1]


# ---- failures ------------------------------------------------------------------------------


@pytest.mark.parametrize("activity", [decline, decline_in_thread])
async def test_a_failure_says_where_it_happened(activity: da.Activity[..., None]) -> None:
    failure = await Bench(activity).failure(activity, "no funds")
    assert (failure.type_name, failure.message) == ("builtins:ValueError", "no funds")
    assert failure.activity == activity.name
    assert (failure.attempt, failure.instance_id) == (1, "order-1")


async def test_without_a_policy_a_failure_is_final() -> None:
    assert (await Bench(decline).failed(decline, "x")).retry_after is None


async def test_with_one_the_next_attempt_is_timed_here() -> None:
    assert (await Bench(decline).failed(decline, "x", options=RETRIES)).retry_after == 1.0


async def test_the_definition_s_should_retry_is_asked_where_the_attempt_ran() -> None:
    asked: list[str] = []

    def later(failure: da.Failure) -> float:
        asked.append(failure.message)
        return 42

    @da.activity(retry=da.RetryPolicy(should_retry=later))
    async def refuse() -> None:
        raise ValueError("busy")

    assert (await Bench(refuse).failed(refuse)).retry_after == 42
    assert asked == ["busy"]


async def test_a_should_retry_that_fails_ends_the_activity(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_: da.Failure) -> bool:
        raise LookupError("broken")

    @da.activity(retry=da.RetryPolicy(should_retry=broken))
    async def refuse() -> None:
        raise ValueError("busy")

    end = await Bench(refuse).failed(refuse)
    assert (end.retry_after, end.failure.message) == (None, "busy")
    assert "should_retry" in caplog.text and "broken" in caplog.text


async def test_arguments_that_do_not_fit_fail_without_retry_and_name_the_function() -> None:
    bench = Bench(add)
    task = bench.task(add, 1, 2, options=RETRIES)
    object.__setattr__(task, "input", Payload(b'["one",2]'))
    bench.begin(task)
    (end,) = await bench.ended()
    assert isinstance(end, AttemptFailed)
    assert end.retry_after is None
    assert end.failure.type_name == "durable_async.errors:SerializationError"
    assert "add" in end.failure.message


@pytest.mark.parametrize("kind", ["async", "def"])
async def test_a_result_without_stored_form_fails_without_retry_and_names_the_function(
    kind: str,
) -> None:
    @da.activity(name="connect")
    async def connect() -> object:
        return threading.Lock()

    @da.activity(name="connect")
    def connect_in_thread() -> object:
        return threading.Lock()

    activity: da.Activity[..., object] = connect if kind == "async" else connect_in_thread
    end = await Bench(activity).failed(activity, options=RETRIES)
    assert end.retry_after is None
    assert end.failure.type_name == "durable_async.errors:SerializationError"
    assert "connect" in end.failure.message


async def test_a_result_over_the_limit_fails_without_retry() -> None:
    @da.activity
    async def download() -> str:
        return "x" * (3 * 1024 * 1024)

    end = await Bench(download).failed(download, options=RETRIES)
    assert end.retry_after is None
    assert end.failure.type_name == "durable_async.errors:PayloadTooLargeError"
    assert "download" in end.failure.message


async def test_a_serialization_error_of_the_body_s_own_is_retried_like_any_other() -> None:
    @da.activity
    async def convert() -> None:
        raise da.SerializationError("a file of the user's")

    assert (await Bench(convert).failed(convert, options=RETRIES)).retry_after == 1.0


async def test_stop_iteration_out_of_a_def_becomes_a_runtime_error() -> None:
    @da.activity
    def first() -> int:
        empty: Iterator[int] = iter(())
        return next(empty)

    failure = await Bench(first).failure(first)
    assert failure.type_name == "builtins:RuntimeError"
    assert "StopIteration" in failure.message


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
@pytest.mark.parametrize("place", ["async", "def"])
async def test_what_would_end_a_program_ends_the_activity_alone(
    kind: type[BaseException], place: str
) -> None:
    @da.activity(name="leave")
    async def leave() -> None:
        raise kind("bye")

    @da.activity(name="leave")
    def leave_in_thread() -> None:
        raise kind("bye")

    activity: da.Activity[..., None] = leave if place == "async" else leave_in_thread
    bench = Bench(activity, add)
    end = await bench.failed(activity, options=RETRIES)
    assert end.failure.type_name == f"builtins:{kind.__name__}"
    assert end.retry_after is None  # not among builtins:Exception
    assert await bench.value(add, 1, 1) == 2


@pytest.mark.parametrize("place", ["async", "def"])
async def test_a_cancelled_error_that_nobody_asked_for_is_a_failure(place: str) -> None:
    @da.activity(name="stop")
    async def stop() -> None:
        raise asyncio.CancelledError("mine")

    @da.activity(name="stop")
    def stop_in_thread() -> None:
        raise asyncio.CancelledError("mine")

    activity: da.Activity[..., None] = stop if place == "async" else stop_in_thread
    failure = await Bench(activity).failure(activity)
    assert failure.type_name == "asyncio.exceptions:CancelledError"


async def test_a_body_that_cancels_its_own_task_fails() -> None:
    @da.activity
    async def give_up() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)

    failure = await Bench(give_up).failure(give_up)
    assert failure.type_name == "asyncio.exceptions:CancelledError"


# ---- cancelling ----------------------------------------------------------------------------


async def test_a_cancelled_async_body_gets_its_cancelled_error() -> None:
    began = asyncio.Event()
    cleaned: list[str] = []

    @da.activity
    async def wait() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            cleaned.append(str(error))
            raise

    bench = Bench(wait)
    task = bench.task(wait)
    bench.begin(task)
    await began.wait()
    bench.cancel(task)
    assert await bench.ended() == [AttemptCancelled()]
    assert cleaned == ["its cancellation was requested"]


async def test_one_cancelled_before_its_first_step_never_begins() -> None:
    ran: list[int] = []

    @da.activity
    async def note() -> None:
        ran.append(1)

    bench = Bench(note)
    task = bench.task(note)
    bench.begin(task)
    bench.cancel(task)
    assert await bench.ended() == [AttemptCancelled()]
    assert ran == []


async def test_a_def_sees_its_cancellation_at_the_next_heartbeat() -> None:
    began, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    @da.activity
    def work() -> None:
        da.heartbeat()
        loop.call_soon_threadsafe(began.set)
        assert go_on.wait(10)
        da.heartbeat()
        raise AssertionError("not reached")

    bench = Bench(work)
    task = bench.task(work)
    bench.begin(task)
    await began.wait()
    bench.cancel(task)
    await asyncio.sleep(0)  # the loop asks it to stop
    await asyncio.sleep(0)
    go_on.set()
    assert await bench.ended() == [AttemptCancelled()]


async def test_what_a_cancelled_body_returns_all_the_same_is_its_result() -> None:
    began = asyncio.Event()

    @da.activity
    async def finish() -> str:
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "done anyway"
        return "not reached"

    bench = Bench(finish)
    task = bench.task(finish)
    bench.begin(task)
    await began.wait()
    bench.cancel(task)
    assert await bench.ended() == [AttemptSucceeded(Payload(b'"done anyway"'))]


async def test_a_clean_up_that_fails_is_not_tried_again() -> None:
    began = asyncio.Event()

    @da.activity
    async def fail() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("while cleaning up")

    bench = Bench(fail)
    task = bench.task(fail, options=RETRIES)
    bench.begin(task)
    await began.wait()
    bench.cancel(task)
    (end,) = await bench.ended()
    assert isinstance(end, AttemptFailed)
    assert (end.failure.message, end.retry_after) == ("while cleaning up", None)


async def test_cancelling_what_has_ended_does_nothing() -> None:
    bench = Bench(add)
    task = bench.task(add, 1, 2)
    bench.begin(task)
    await bench.ended()
    bench.cancel(task)
    assert not bench.activities.has_work()


# ---- timeouts ------------------------------------------------------------------------------


class Timers:
    """What the loop is to call later, and the clock of attempts: the test moves them."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._now = 1_000.0
        self.waiting: list[asyncio.TimerHandle] = []

    def monotonic(self) -> float:
        return self._now

    def call_later(
        self, delay: float, callback: Callable[..., Any], *args: Any
    ) -> asyncio.TimerHandle:
        self.waiting.append(asyncio.TimerHandle(self._now + delay, callback, args, self._loop))
        return self.waiting[-1]

    def move(self, seconds: float) -> None:
        self._now += seconds
        for timer in [each for each in self.waiting if each.when() <= self._now]:
            self.waiting.remove(timer)
            if not timer.cancelled():
                timer._run()


@pytest.fixture
async def timers(monkeypatch: pytest.MonkeyPatch) -> Timers:
    loop = asyncio.get_running_loop()
    made = Timers(loop)
    monkeypatch.setattr(loop, "call_later", made.call_later)
    for module in (activities_module, attempts_module):
        monkeypatch.setattr(module, "time", made)
    return made


async def test_an_async_body_over_its_timeout_is_cancelled_and_may_be_tried_again() -> None:
    seen: list[str] = []

    @da.activity(timeout=0.01, retry=da.RetryPolicy(initial_interval=7))
    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            seen.append(str(error))
            raise

    end = await Bench(hang).failed(hang)
    assert end.failure.type_name == "durable_async.errors:ActivityTimeoutError"
    assert "hang" in end.failure.message and "0.01 s" in end.failure.message
    assert "builtins:TimeoutError" in end.failure.mro
    assert end.retry_after == 7
    assert seen == ["its attempt took longer than its timeout"]


async def test_a_def_over_its_timeout_is_given_up_and_keeps_its_place(
    timers: Timers, caplog: pytest.LogCaptureFixture
) -> None:
    began, release = threading.Event(), threading.Event()

    @da.activity(timeout=60)
    def hang() -> None:
        began.set()
        assert release.wait(10)
        da.heartbeat()

    bench = Bench(hang, places=2)
    bench.begin(bench.task(hang))
    await until(lambda: began.is_set() and bool(timers.waiting))
    timers.move(60)
    (end,) = await bench.ended()
    assert isinstance(end, AttemptFailed)
    assert end.failure.type_name == "durable_async.errors:ActivityTimeoutError"
    assert bench.activities.free == 1
    assert "keeps its place" in caplog.text
    release.set()
    while bench.activities.free < 2:
        await bench.woken()
        assert bench.activities.collect() == []  # its late end is dropped
    assert "is dropped" in caplog.text


async def test_an_async_body_that_ignores_its_timeout_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(activities_module, "CANCEL_GRACE", 0.01)
    release = asyncio.Event()

    @da.activity(timeout=0.01)
    async def stubborn() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    bench = Bench(stubborn, places=1)
    end = await bench.failed(stubborn)
    assert end.failure.type_name == "durable_async.errors:ActivityTimeoutError"
    assert bench.activities.free == 0
    release.set()
    await bench.woken()
    assert bench.activities.collect() == []
    assert bench.activities.free == 1


async def test_silence_longer_than_the_heartbeat_timeout_is_a_timeout() -> None:
    @da.activity(heartbeat_timeout=0.01)
    async def hang() -> None:
        da.heartbeat()
        await asyncio.Event().wait()

    end = await Bench(hang).failed(hang)
    assert end.failure.type_name == "durable_async.errors:ActivityTimeoutError"
    assert "no heartbeat for 0.01 s" in end.failure.message


async def test_a_body_that_beats_goes_on_until_it_is_silent(timers: Timers) -> None:
    silences: list[str] = []

    @da.activity(heartbeat_timeout=10)
    async def work() -> None:
        for _ in range(5):
            timers.move(9)
            da.heartbeat()
            await asyncio.sleep(0)
        silences.append("begins")
        timers.move(9)
        await asyncio.sleep(0)
        silences.append("goes on")
        timers.move(1)
        await asyncio.sleep(0)
        silences.append("is too long")

    failure = await Bench(work).failure(work)
    assert "no heartbeat for 10.0 s" in failure.message
    assert silences == ["begins", "goes on"]


async def test_what_returns_in_time_leaves_no_timer_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    timers: list[asyncio.TimerHandle] = []
    loop = asyncio.get_running_loop()
    call_later = loop.call_later

    def kept(delay: float, callback: Any, *args: Any) -> asyncio.TimerHandle:
        timers.append(call_later(delay, callback, *args))
        return timers[-1]

    @da.activity(timeout=3600, heartbeat_timeout=3600)
    async def quick() -> None: ...

    @da.activity(timeout=3600, heartbeat_timeout=3600)
    def quick_in_thread() -> None: ...

    bench = Bench(quick, quick_in_thread)
    monkeypatch.setattr(loop, "call_later", kept)
    await bench.value(quick)
    assert len(timers) == 2
    await bench.value(quick_in_thread)
    await until(lambda: all(timer.cancelled() for timer in timers))  # the thread asks the loop


# ---- heartbeats ----------------------------------------------------------------------------


@pytest.mark.usefixtures("timers")
async def test_of_many_heartbeats_the_newest_is_stored() -> None:
    beaten = asyncio.Event()

    @da.activity
    async def work() -> None:
        for page in range(1000):
            da.heartbeat(page)
        beaten.set()
        await asyncio.Event().wait()

    bench = Bench(work)
    task = bench.task(work)
    bench.begin(task)
    await beaten.wait()
    assert [(each.lease, each.details) for each in bench.activities.heartbeats()] == [
        (task.lease, Payload(b"999"))
    ]
    assert bench.activities.heartbeats() == []
    assert bench.wakes == 1


async def test_a_heartbeat_without_details_keeps_those_before() -> None:
    beaten = asyncio.Event()

    @da.activity
    async def work() -> None:
        da.heartbeat("page 3")
        da.heartbeat()
        beaten.set()

    bench = Bench(work)
    bench.begin(bench.task(work))
    await beaten.wait()
    (beat,) = bench.activities.heartbeats()
    assert beat.details == Payload(b'"page 3"')


async def test_heartbeats_of_threads_arrive() -> None:
    @da.activity
    def work() -> None:
        da.heartbeat([1, 2])

    bench = Bench(work)
    bench.begin(bench.task(work))
    await bench.ended()
    (beat,) = bench.activities.heartbeats()
    assert beat.details == Payload(b"[1,2]")


async def test_details_without_stored_form_are_refused_at_the_call() -> None:
    @da.activity
    async def work() -> None:
        da.heartbeat(threading.Lock())

    failure = await Bench(work).failure(work)
    assert failure.type_name == "durable_async.errors:SerializationError"
    assert "heartbeat" in failure.message and "work" in failure.message


# ---- places, and the end -------------------------------------------------------------------


async def test_an_attempt_takes_a_place_until_it_ends() -> None:
    release = asyncio.Event()

    @da.activity
    async def wait() -> None:
        await release.wait()

    bench = Bench(wait, places=3)
    bench.begin(bench.task(wait), bench.task(wait))
    assert (bench.activities.free, bench.activities.busy) == (1, True)
    release.set()
    await bench.ended(2)
    assert (bench.activities.free, bench.activities.busy) == (3, False)


async def test_what_is_stopped_at_the_end_is_handed_back() -> None:
    began = asyncio.Event()

    @da.activity
    async def wait() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise RuntimeError("whatever it makes of it") from None

    bench = Bench(wait)
    bench.begin(bench.task(wait))
    await began.wait()
    bench.activities.stop_all()
    assert await bench.ended() == [AttemptReleased()]


async def test_what_does_not_stop_is_handed_back_all_the_same() -> None:
    release = threading.Event()

    @da.activity
    def hang() -> None:
        assert release.wait(10)

    bench = Bench(hang)
    bench.begin(bench.task(hang))
    bench.activities.hand_back_all()
    assert [end for _, end in bench.activities.collect()] == [AttemptReleased()]
    assert not bench.activities.busy
    release.set()
    await bench.woken()
    assert bench.activities.collect() == []


async def test_attempts_of_an_instance_in_doubt_are_asked_about_and_of_no_other() -> None:
    @da.activity
    async def wait() -> None:
        await asyncio.Event().wait()

    bench = Bench(wait)
    lost, other = bench.task(wait), bench.task(wait)
    object.__setattr__(lost, "lease", type(lost.lease)("order-2", "x-2", 1, 1))
    bench.begin(lost, other)
    bench.activities.ask_about("order-2")
    assert bench.activities.has_work()
    assert bench.activities.heartbeats() == [Heartbeat(lost.lease, None)]
    assert not bench.activities.has_work()
    bench.cancel(lost, other, why=Stop.LOST)
    assert await bench.ended(2) == [AttemptReleased(), AttemptReleased()]


def test_what_asyncio_run_cancels_at_its_end_is_handed_back() -> None:
    benches: list[Bench] = []

    @da.activity
    async def wait() -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        bench = Bench(wait)
        bench.begin(bench.task(wait))
        benches.append(bench)
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # the body waits; the application goes without its worker

    asyncio.run(main())
    assert [end for _, end in benches[0].activities.collect()] == [AttemptReleased()]


def test_on_a_closed_loop_nothing_begins(caplog: pytest.LogCaptureFixture) -> None:
    benches: list[Bench] = []

    async def main() -> None:
        benches.append(Bench(add))

    asyncio.run(main())
    bench = benches[0]
    bench.begin(bench.task(add, 1, 2))
    assert [end for _, end in bench.activities.collect()] == [AttemptReleased()]
    assert "event loop of a worker is closed" in caplog.text
    assert bench.activities.free == 0  # nor is anything claimed for it


async def test_a_failed_attempt_is_logged_with_what_comes_next(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "durable_async.worker")
    await Bench(decline).failed(decline, "no funds", options=RETRIES)
    assert "activity 'decline' of 'order-1' (attempt 1) failed" in caplog.text
    assert "the next one begins in 1 s" in caplog.text


async def test_a_batch_of_attempts_is_one_call_to_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench(add)
    calls: list[object] = []
    loop = asyncio.get_running_loop()
    original = loop.call_soon_threadsafe

    def counted(callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:
        calls.append(callback)
        return original(callback, *args, context=context)

    tasks = [bench.task(add, n, n) for n in range(10)]
    monkeypatch.setattr(loop, "call_soon_threadsafe", counted)
    bench.begin(*tasks)
    assert len(calls) == 1
    assert len(await bench.ended(10)) == 10
