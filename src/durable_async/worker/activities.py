"""Runs attempts of activities. Invariant: every attempt that was begun is reported once, and keeps
its place among `max_activities` until its body has really ended.

Three sides meet here. The turn's thread begins, cancels and collects; the application's loop
runs `async def` bodies and keeps the time of all; the threads of the pool run `def` bodies. What
ended goes through one deque, and the turn's thread alone reads it, so that the first of two ends
(a timeout, and the late return of its thread) is the one that counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import logging
import random
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from durable_async.convert.durations import later
from durable_async.convert.failures import failure_of_exception, opened
from durable_async.convert.values import CodecError, Converter
from durable_async.dsl.activity_context import ActivityInfo, ActivityScope, activity_in
from durable_async.dsl.registry import Registry
from durable_async.dsl.retries import retry_delay
from durable_async.errors import ActivityTimeoutError, SerializationError
from durable_async.model.failure import Failure
from durable_async.model.work import (
    ActivityLease,
    ActivityReport,
    ActivityTask,
    AttemptCancelled,
    AttemptEnd,
    AttemptFailed,
    AttemptReleased,
    AttemptSucceeded,
    Heartbeat,
)
from durable_async.worker.attempts import Attempt, Stop
from durable_async.worker.limits import CANCEL_GRACE, CODEC_RETRY
from durable_async.worker.threads import ThreadPool

__all__ = ["Activities"]

_logger: Final = logging.getLogger("durable_async.worker")

Ended = tuple[Attempt, AttemptEnd]


class Activities:
    """The attempts of one worker.

    wake: tells the host that the driver has work; called from any thread. loop: where async
    bodies run; in a copy of `context`. owner: the task that started the worker.
    """

    def __init__(
        self,
        registry: Registry,
        converter: Converter,
        *,
        max_activities: int,
        wake: Callable[[], None],
        loop: asyncio.AbstractEventLoop,
        context: contextvars.Context,
        owner: asyncio.Task[Any] | None,
        begun_on_loop: Callable[[], None] = lambda: None,
    ) -> None:
        self._begun_on_loop = begun_on_loop
        self._registry = registry
        self._converter = converter
        self._wake = wake
        self._loop = loop
        self._context = context
        self._owner = owner
        self._pool = ThreadPool(max_activities, "durable-activity")
        self._places = max_activities
        self._running: dict[ActivityLease, Attempt] = {}
        self._lingering: set[Attempt] = set()  # reported, but their bodies go on
        self._ended: deque[tuple[Attempt, AttemptEnd, bool]] = deque()
        self._beating: deque[Attempt] = deque()
        self._beat_due = False

    # ---- the turn's thread -----------------------------------------------------------------

    @property
    def free(self) -> int:
        """How many more attempts may begin."""
        if self._loop.is_closed():
            return 0
        return self._places - len(self._running) - len(self._lingering)

    @property
    def busy(self) -> bool:
        """Whether an attempt runs whose end was not collected."""
        return bool(self._running)

    def has_work(self) -> bool:
        return bool(self._ended) or self._beat_due

    def begin(self, tasks: Sequence[ActivityTask], now: datetime) -> None:
        """now: the engine's clock, for deadlines."""
        on_loop: list[Attempt] = []
        for task in tasks:
            bound = self._registry.activity(task.name)
            assert bound is not None, "a claim names what the registry has"
            attempt = Attempt(task, bound, self._beat)
            attempt.began = time.monotonic()
            self._running[task.lease] = attempt
            if bound.is_sync:
                self._begin_in_thread(attempt, now)
            if attempt.timed or not bound.is_sync:
                on_loop.append(attempt)
        if on_loop:
            self._call(self._begin_on_loop, on_loop, now)
            self._begun_on_loop()

    def cancel(self, leases: Iterable[ActivityLease], why: Stop) -> None:
        """Those of the attempts that still run."""
        attempts = [self._running[lease] for lease in leases if lease in self._running]
        if attempts:
            self._call(_ask_all, attempts, why)

    def collect(self) -> list[Ended]:
        """What ended since this was last called; each attempt once."""
        ended: list[Ended] = []
        while self._ended:
            attempt, end, last = self._ended.popleft()
            if last:
                self._lingering.discard(attempt)
            if attempt.reported:
                _logger.warning("%s ended after its end was reported; that is dropped", attempt)
                continue
            attempt.reported = True
            del self._running[attempt.task.lease]
            if not last:
                self._lingering.add(attempt)
            ended.append((attempt, end))
        return ended

    def heartbeats(self) -> list[Heartbeat]:
        """The newest of each attempt since this was last called."""
        self._beat_due = False
        beats: list[Heartbeat] = []
        while self._beating:
            attempt = self._beating.popleft()
            attempt.unsent = False  # before its details are read: a newer one comes again
            beats.append(Heartbeat(attempt.task.lease, attempt.details))
        return beats

    def ask_about(self, instance_id: str) -> None:
        """The instance's lease is lost. That may be for a pause; whether another worker has its
        activities as well, the answers to their heartbeats say."""
        for lease, attempt in self._running.items():
            if lease.instance_id == instance_id:
                self._beat(attempt, True)

    def stop_all(self) -> None:
        """Ask all that run to stop; what they come to then is reported as released."""
        self.cancel(list(self._running), Stop.RELEASED)

    def hand_back_all(self) -> None:
        """Report all that still run as released, whatever their bodies do."""
        for attempt in self._running.values():
            if not attempt.over:
                self._ended.append((attempt, AttemptReleased(), False))

    def failed_to_store(self, report: ActivityReport, error: Exception) -> ActivityReport:
        """The report of an attempt whose own outcome the store cannot take."""
        failure = failure_of_exception(
            SerializationError(f"the outcome of the activity cannot be stored: {error}"),
            converter=self._converter,
            instance_id=report.lease.instance_id,
        )
        return ActivityReport(report.lease, AttemptFailed(failure))

    def close(self) -> None:
        """Nothing begins any more. Does not wait for bodies that linger. From any thread."""
        self._pool.close()

    def _call(self, function: Callable[..., None], attempts: list[Attempt], *args: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, attempts, *args, context=self._context)
        except RuntimeError:  # the loop is closed: the application went without its worker
            _logger.error(
                "the event loop of a worker is closed, and %d activities are handed back. Leave "
                '"async with worker" before the loop ends',
                len(attempts),
            )
            for attempt in attempts:
                self._ended.append((attempt, AttemptReleased(), not attempt.bound.is_sync))

    # ---- the loop --------------------------------------------------------------------------

    def _begin_on_loop(self, attempts: list[Attempt], now: datetime) -> None:
        for attempt in attempts:
            if attempt.timed:
                self._watch(attempt)
            if not attempt.bound.is_sync:
                # The attempt is held by `_running`, and holds its task: loops hold tasks weakly.
                attempt.running = self._loop.create_task(self._run(attempt, now))

    def _watch(self, attempt: Attempt) -> None:
        options = attempt.task.options
        if options.timeout is not None:
            attempt.timer = self._loop.call_later(
                options.timeout, self._stop_late, attempt, Stop.TIMED_OUT
            )
        if options.heartbeat_timeout is not None:
            attempt.last_beat = time.monotonic()
            attempt.silence_timer = self._loop.call_later(
                options.heartbeat_timeout, self._check_silence, attempt
            )
        if attempt.over:  # a thread may be faster than the loop
            attempt.cancel_timers()

    def _check_silence(self, attempt: Attempt) -> None:
        limit = attempt.task.options.heartbeat_timeout
        assert limit is not None, "it is the limit that set this timer"
        left = attempt.last_beat + limit - time.monotonic()
        if left <= 0:
            self._stop_late(attempt, Stop.SILENT)
        elif not attempt.over:
            attempt.silence_timer = self._loop.call_later(left, self._check_silence, attempt)

    def _stop_late(self, attempt: Attempt, why: Stop) -> None:
        if attempt.over or not attempt.ask_to_stop(why):
            return
        attempt.cancel_timers()
        if attempt.bound.is_sync:
            self._give_up(attempt)
        else:
            attempt.timer = self._loop.call_later(CANCEL_GRACE, self._give_up, attempt)

    def _give_up(self, attempt: Attempt) -> None:
        """Its time is over; a thread cannot be stopped, and some bodies will not be."""
        if not attempt.over:
            _logger.warning("%s was given up, but its body goes on and keeps its place", attempt)
            self._ended.append((attempt, self._timed_out(attempt), False))
            self._wake()

    async def _run(self, attempt: Attempt, now: datetime) -> None:
        end: AttemptEnd
        in_body = False
        attempt.entered = True
        try:
            if attempt.stop is not None:
                raise asyncio.CancelledError(attempt.stop.value)
            bound = attempt.bound
            args, kwargs = bound.decode_arguments(attempt.task.input, self._converter)
            with ActivityScope(self._info(attempt, now), self._heartbeat_of(attempt)):
                in_body = attempt.called = True
                value = await bound.run(args, kwargs)
                in_body = False
            end = AttemptSucceeded(bound.encode_result(value, self._converter))
        except BaseException as error:
            if isinstance(error, GeneratorExit) and not self._is_running(attempt):
                raise  # closed with its loop, not by its body; the lease outlives both
            end = self._ended_by(attempt, error, may_retry=in_body)
        attempt.cancel_timers()
        self._end(attempt, end)

    def _is_running(self, attempt: Attempt) -> bool:
        return asyncio.current_task(self._loop) is attempt.running

    # ---- a thread of the pool --------------------------------------------------------------

    def _begin_in_thread(self, attempt: Attempt, now: datetime) -> None:
        context = self._context.copy()
        self._pool.submit(functools.partial(context.run, self._run_in_thread, attempt, now))

    def _run_in_thread(self, attempt: Attempt, now: datetime) -> None:
        end: AttemptEnd
        in_body = False
        try:
            if attempt.stop is not None:
                raise asyncio.CancelledError(attempt.stop.value)
            bound = attempt.bound
            args, kwargs = bound.decode_arguments(attempt.task.input, self._converter)
            with ActivityScope(self._info(attempt, now), self._heartbeat_of(attempt)):
                in_body = attempt.called = True
                value = bound.run(args, kwargs)
                in_body = False
            end = AttemptSucceeded(bound.encode_result(value, self._converter))
        except BaseException as error:
            end = self._ended_by(attempt, error, may_retry=in_body)
        self._end(attempt, end)
        if attempt.timed:
            # Not left to time out: a timer holds its attempt, and with it the input.
            with contextlib.suppress(RuntimeError):  # the loop is closed, and its timers gone
                self._loop.call_soon_threadsafe(attempt.cancel_timers)

    # ---- any thread ------------------------------------------------------------------------

    @property
    def any_on_loop(self) -> bool:
        """Whether the body of an async attempt has begun and not ended."""
        return any(not each.over for each in self._async_attempts())

    def title_of(self, task: asyncio.Task[Any]) -> str | None:
        """Which activity a task of the loop belongs to, for people; None if it is of none. Of a
        task that an activity has made, Python 3.11 does not tell."""
        for attempt in self._async_attempts():
            if attempt.running is task:
                return str(attempt)
        if sys.version_info >= (3, 12):
            info = activity_in(task.get_context())
            if info is not None:
                return (
                    f"activity {info.activity!r} of {info.instance_id!r} (attempt {info.attempt})"
                )
        return None

    def _async_attempts(self) -> list[Attempt]:
        # A list of a dict's values, and a copy of a set, are made in one go, whatever others do.
        attempts = [*self._running.values(), *self._lingering.copy()]
        return [each for each in attempts if each.running is not None]

    def _end(self, attempt: Attempt, end: AttemptEnd) -> None:
        attempt.over = True
        self._ended.append((attempt, end, True))
        self._wake()

    def _beat(self, attempt: Attempt, due: bool) -> None:
        if not attempt.unsent:
            attempt.unsent = True
            self._beating.append(attempt)
        if due:
            self._beat_due = True
            self._wake()

    def _heartbeat_of(self, attempt: Attempt) -> Callable[[Any], None]:
        encode = self._converter.encode

        def heartbeat(details: Any = None) -> None:
            if details is not None:
                what = f"a heartbeat of activity {attempt.task.name!r}"
                details = encode(details, what=what)
            attempt.heartbeat(details)

        return heartbeat

    def _info(self, attempt: Attempt, now: datetime) -> ActivityInfo:
        task = attempt.task
        lease, timeout = task.lease, task.options.timeout
        return ActivityInfo(
            instance_id=lease.instance_id,
            activity=task.name,
            attempt=task.attempt,
            deadline=None if timeout is None else later(now, timeout),
            last_heartbeat=None if task.heartbeat is None else self._last_heartbeat(task),
            idempotency_key=f"{lease.execution_id}:{lease.number}",
        )

    def _last_heartbeat(self, task: ActivityTask) -> Any:
        assert task.heartbeat is not None
        return self._converter.decode(
            task.heartbeat, what=f"the last heartbeat of activity {task.name!r}"
        )

    def _ended_by(self, attempt: Attempt, error: BaseException, *, may_retry: bool) -> AttemptEnd:
        match attempt.stop:
            case Stop.RELEASED | Stop.LOST:
                # Whatever left the body, it did so because we stopped it.
                return AttemptReleased()
            case None if self._is_orphaned(attempt, error):
                return AttemptReleased()
            case Stop.CANCELLED if isinstance(error, asyncio.CancelledError):
                return AttemptCancelled()
            case Stop.TIMED_OUT | Stop.SILENT if isinstance(error, asyncio.CancelledError):
                return self._timed_out(attempt)
            case _:
                return self._failed(attempt, error, may_retry=may_retry)

    def _is_orphaned(self, attempt: Attempt, error: BaseException) -> bool:
        """Whether somebody else cancels all tasks of the loop, as `asyncio.run` does at its end:
        the application is going without having left its worker."""
        return (
            isinstance(error, asyncio.CancelledError)
            and attempt.running is not None
            and attempt.running.cancelling() > 0
            and self._owner is not None
            and self._owner.done()
        )

    def _timed_out(self, attempt: Attempt) -> AttemptFailed:
        options = attempt.task.options
        if attempt.stop is Stop.SILENT:
            text = (
                f"{attempt} gave no heartbeat for {options.heartbeat_timeout} s. Call "
                "da.heartbeat() more often than that, or raise its heartbeat_timeout (from a "
                "thread that it began itself, under contextvars.copy_context().run)"
            )
        else:
            text = (
                f"{attempt} took longer than its timeout of {options.timeout} s. Make it faster, "
                "or raise its timeout"
            )
        return self._failed(attempt, ActivityTimeoutError(text), may_retry=True)

    def _failed(self, attempt: Attempt, error: BaseException, *, may_retry: bool) -> AttemptFailed:
        failure = failure_of_exception(
            error,
            converter=self._converter,
            activity=attempt.task.name,
            attempt=attempt.task.attempt,
            instance_id=attempt.task.lease.instance_id,
        )
        delay = None
        if attempt.stop is not Stop.CANCELLED:
            delay = self._delay(attempt, error, failure, may_retry=may_retry)
        _logger.info(
            "%s failed: %s: %s; %s",
            attempt,
            failure.type_name,
            failure.message,
            "there is no other attempt" if delay is None else f"the next one begins in {delay:g} s",
        )
        return AttemptFailed(failure, delay)

    def _delay(
        self, attempt: Attempt, error: BaseException, failure: Failure, *, may_retry: bool
    ) -> float | None:
        if isinstance(error, CodecError):
            # The values may be all right. What the body has done, only its policy repeats.
            if not attempt.called:
                return CODEC_RETRY
        elif not may_retry:
            return None
        policy = attempt.bound.retry
        try:
            return retry_delay(
                attempt.task.options.retry,
                opened(failure, self._converter),
                attempt.task.attempt,
                should_retry=None if policy is None else policy.should_retry,
                random=random.random,
            )
        except BaseException:  # as of the body: an attempt without an end would never end
            _logger.exception("%s is not tried again: its should_retry failed", attempt)
            return None


def _ask_all(attempts: Sequence[Attempt], why: Stop) -> None:
    for attempt in attempts:
        attempt.ask_to_stop(why)
