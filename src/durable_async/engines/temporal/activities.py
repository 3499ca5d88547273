"""Attempts of activities that Temporal hands out. Invariant: an attempt has one end, and whoever
asked it to stop first says which; whether another follows is decided here, by the rules of all
engines.

Temporal knows of an attempt that it was begun and how it ended, and that its worker lives: this
says so all the while, as Temporal tells of a cancel in its answer, and of a dead worker by silence.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import enum
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final, NoReturn, Protocol

import msgspec
from temporalio import activity
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from durable_async.convert.failures import failure_of_exception, opened
from durable_async.convert.values import CodecError, Converter
from durable_async.dsl.activity_context import ActivityInfo, ActivityScope
from durable_async.dsl.registry import BoundActivity, Registry
from durable_async.dsl.retries import retry_delay
from durable_async.engines import refusals
from durable_async.engines.temporal.answers import AWAIT_INSTANCE, Answered
from durable_async.engines.temporal.payloads import (
    ToldError,
    application_error,
    document,
    from_wire,
    raw,
    read_document,
)
from durable_async.engines.temporal.reminders import Reminders
from durable_async.engines.temporal.watching import Watch
from durable_async.errors import ActivityTimeoutError, NotRegisteredError
from durable_async.model.failure import Failure
from durable_async.model.options import ActivityOptions
from durable_async.model.payload import Payload
from durable_async.model.work import (
    ActivityLease,
    ActivityTask,
    AttemptCancelled,
    AttemptEnd,
    AttemptFailed,
    AttemptReleased,
    AttemptSucceeded,
)

__all__ = ["Activities", "Attempt", "Threads", "instance_awaiter"]

_logger: Final = logging.getLogger("durable_async.worker")

_BEAT: Final = 2.0
"""Seconds between two signs of life to Temporal; the first is given after as many."""

_CANCEL_GRACE: Final = 10.0
"""Seconds that the body of an attempt which is to stop has to do so."""

_HURRIED_GRACE: Final = 1.0
"""The same where its worker is in a hurry; a thread, which cannot be stopped, has none."""

_CODEC_RETRY: Final = 30.0
_UNKNOWN_RETRY: Final = 10.0
_LEARNT_BY_THEN: Final = 1.0


class _Stop(enum.Enum):
    CANCELLED = "its cancellation was requested"
    TIMED_OUT = "its attempt took longer than its timeout"
    SILENT = "it was silent longer than its heartbeat timeout"
    RELEASED = "its worker is shutting down and hands it back"
    LOST = "Temporal has given it up"


class Threads(Protocol):
    """Where plain `def` bodies run. A thread that hangs must not hold up the end of the process."""

    def submit(self, job: Callable[[], None], /) -> None: ...
    def close(self) -> None:
        """Does not wait for them."""
        ...


class Activities:
    """Of one worker. threads: for plain `def` bodies; closed with it. watch: None if nobody
    follows."""

    def __init__(
        self,
        registry: Registry,
        converter: Converter,
        threads: Threads,
        watch: Watch | None = None,
    ) -> None:
        self._registry = registry
        self._converter = converter
        self._watch = watch
        self._threads = threads
        self._running: set[Attempt] = set()
        self._reminders = Reminders()

    def close(self) -> None:
        """Does not wait for bodies that linger."""
        self._threads.close()

    def hand_back(self) -> None:
        """All that still runs here, for another worker to run it again."""
        for attempt in self._running:
            attempt.hand_back()

    def definition(self) -> Callable[..., Any]:
        """What temporalio takes: an activity of any name."""

        @activity.defn(dynamic=True)
        async def attempt_any(args: Sequence[RawValue]) -> RawValue:
            bound = self._registry.activity(activity.info().activity_type)
            if bound is None:
                raise self._unknown(activity.info())
            attempt = Attempt(bound, args, self._converter, self._threads)
            self._running.add(attempt)
            try:
                if self._watch is None:
                    return await attempt.run()
                return await attempt.watched(self._watch)
            finally:
                self._running.discard(attempt)

        return attempt_any

    def _unknown(self, info: activity.Info) -> ApplicationError:
        """For Temporal to hand it out again, with some luck to another worker."""
        delay = _UNKNOWN_RETRY
        if self._watch is not None:
            self._watch.activity_unknown(info.workflow_id or "", info.activity_type)
            delay = _LEARNT_BY_THEN
        elif self._reminders.is_due(info.workflow_id or "", info.activity_type):
            _logger.warning(
                "instance %r waits for activity %r, which this worker of queue %r does not have. "
                "Give it to every worker of that queue",
                info.workflow_id,
                info.activity_type,
                info.task_queue,
            )
        error = NotRegisteredError(
            f"no activity {info.activity_type!r} was given to this worker, which serves queue "
            f"{info.task_queue!r}. Give it to every worker of that queue"
        )
        failure = refusals.failure_from(error, instance_id=info.workflow_id)
        return application_error(failure, is_final=False, after=delay)


class Attempt:
    """One, while it runs on the loop that runs the worker."""

    def __init__(
        self,
        bound: BoundActivity,
        args: Sequence[RawValue],
        converter: Converter,
        threads: Threads,
    ) -> None:
        self._bound = bound
        self._args = args
        self._converter = converter
        self._threads = threads
        self._info = activity.info()
        self._options = read_document(args, 1, ActivityOptions) or ActivityOptions()
        self._began = self._last_beat = time.monotonic()
        # Those of an attempt before stay the last: a sign of life without any would take them out.
        told = self._info.heartbeat_details
        self._details = document(told[0]) if told else None
        self._beats_unsent = False
        self._stop: _Stop | None = None
        self._stop_at = 0.0
        self._called = False  # the body
        self._loop = asyncio.get_running_loop()
        self._runner = asyncio.current_task()
        self._in_a_hurry = False
        self._failed: Failure | None = None

    def hand_back(self) -> None:
        """Let it end at once, to be run again."""
        if self._runner is not None and self._stop is None:
            self._in_a_hurry = True
            self._runner.cancel()

    async def run(self) -> RawValue:
        body: asyncio.Future[Payload] = (
            self._begin_in_thread()
            if self._bound.is_sync
            else asyncio.ensure_future(self._run_on_loop())
        )
        while not body.done() and not self._is_given_up():
            try:
                await asyncio.wait({body}, timeout=self._pause())
            except asyncio.CancelledError:
                why = _Stop.RELEASED if self._in_a_hurry else _why_cancelled()
                self._ask_to_stop(why, body)
            if not body.done():
                self._look_at_the_time(body)
        if not body.done():
            body.add_done_callback(_heed)
            _logger.warning("%s was given up, but its body goes on", self)
            self._end(None, may_retry=True)
        try:
            return raw(body.result())
        except BaseException as error:
            self._end(error, may_retry=self._called)

    async def watched(self, watch: Watch) -> RawValue:
        """`run`, and tell how it ended."""
        try:
            result = await self.run()
        except BaseException as error:
            watch.attempt_ended(self._task(), self._end_of(error), self._seconds())
            raise
        watch.attempt_ended(
            self._task(), AttemptSucceeded(from_wire(result.payload)), self._seconds()
        )
        return result

    def _task(self) -> ActivityTask:
        info = self._info
        return ActivityTask(
            lease=ActivityLease(
                instance_id=info.workflow_id or "",
                execution_id=info.workflow_run_id or "",
                number=int(info.activity_id) if info.activity_id.isdecimal() else -1,
                epoch=info.attempt,
            ),
            name=info.activity_type,
            input=self._input(),
            options=self._options,
            attempt=info.attempt,
            scheduled_at=info.scheduled_time,
        )

    def _end_of(self, error: BaseException) -> AttemptEnd:
        """error: what `run` raised."""
        if self._stop is _Stop.RELEASED:
            return AttemptReleased()
        if self._failed is None or not isinstance(error, ApplicationError):
            return AttemptCancelled()
        after = error.next_retry_delay
        return AttemptFailed(self._failed, None if after is None else after.total_seconds())

    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def __str__(self) -> str:
        info = self._info
        return f"activity {info.activity_type!r} of {info.workflow_id!r} (attempt {info.attempt})"

    # ---- the body ----------------------------------------------------------------------------

    async def _run_on_loop(self) -> Payload:
        bound, converter = self._bound, self._converter
        args, kwargs = bound.decode_arguments(self._input(), converter)
        with ActivityScope(self._told(), self._heartbeat):
            self._called = True
            value = await bound.run(args, kwargs)
        self._called = False  # what fails from here on is not the body
        return bound.encode_result(value, converter)

    def _begin_in_thread(self) -> asyncio.Future[Payload]:
        body: asyncio.Future[Payload] = self._loop.create_future()
        context = contextvars.copy_context()

        def run() -> None:
            try:
                result = context.run(self._run_in_thread)
            except BaseException as error:
                self._tell(body, partial(body.set_exception, error))
            else:
                self._tell(body, partial(body.set_result, result))

        self._threads.submit(run)
        return body

    def _tell(self, body: asyncio.Future[Payload], how: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: it was given up
            self._loop.call_soon_threadsafe(lambda: None if body.done() else how())

    def _run_in_thread(self) -> Payload:
        bound, converter = self._bound, self._converter
        args, kwargs = bound.decode_arguments(self._input(), converter)
        with ActivityScope(self._told(), self._heartbeat):
            self._called = True
            try:
                value = bound.run(args, kwargs)
            except StopIteration as error:  # a future refuses it
                raise _failed_in_thread(error) from error
        self._called = False
        return bound.encode_result(value, converter)

    def _input(self) -> Payload:
        return from_wire(self._args[0].payload) if self._args else Payload(b"[]")

    def _told(self) -> ActivityInfo:
        info, timeout = self._info, self._options.timeout
        deadline = None if timeout is None else info.started_time + timedelta(seconds=timeout)
        return ActivityInfo(
            instance_id=info.workflow_id or "",
            activity=info.activity_type,
            attempt=info.attempt,
            deadline=deadline,
            last_heartbeat=self._last_details(),
            idempotency_key=f"{info.workflow_run_id}:{info.activity_id}",
        )

    def _last_details(self) -> Any:
        details = self._info.heartbeat_details
        if not details or details[0] is None:
            return None
        # temporalio has read it as JSON; ours may be sealed by the codec.
        payload = msgspec.convert(details[0], Payload)
        return self._converter.decode(
            payload, what=f"the last heartbeat of activity {self._info.activity_type!r}"
        )

    def _heartbeat(self, details: Any = None) -> None:
        """Called by the body, in its own thread."""
        if self._stop is not None:
            raise asyncio.CancelledError(self._stop.value)
        self._last_beat = time.monotonic()
        if details is not None:
            what = f"a heartbeat of activity {self._info.activity_type!r}"
            self._details = document(self._converter.encode(details, what=what))
            self._beats_unsent = True

    # ---- its time ----------------------------------------------------------------------------

    def _pause(self) -> float:
        """Seconds until the next look."""
        if self._stop is not None:
            return min(_BEAT, max(0.0, self._stop_at + self._grace() - time.monotonic()))
        ends = [at for at, _ in self._limits()]
        return min([_BEAT, *[max(0.0, at - time.monotonic()) for at in ends]])

    def _limits(self) -> list[tuple[float, _Stop]]:
        limits: list[tuple[float, _Stop]] = []
        if self._options.timeout is not None:
            limits.append((self._began + self._options.timeout, _Stop.TIMED_OUT))
        if self._options.heartbeat_timeout is not None:
            limits.append((self._last_beat + self._options.heartbeat_timeout, _Stop.SILENT))
        return limits

    def _look_at_the_time(self, body: asyncio.Future[Payload]) -> None:
        now = time.monotonic()
        for at, why in sorted(self._limits(), key=lambda limit: limit[0]):
            if at <= now:
                self._ask_to_stop(why, body)
        self._beat()

    def _beat(self) -> None:
        self._beats_unsent = False
        if self._details is None:
            activity.heartbeat()
        else:
            activity.heartbeat(self._details)

    def _ask_to_stop(self, why: _Stop, body: asyncio.Future[Payload]) -> None:
        """An async body gets its CancelledError now, a `def` at its next heartbeat."""
        if self._stop is not None:
            return
        self._stop, self._stop_at = why, time.monotonic()
        if not self._bound.is_sync:
            body.cancel(why.value)

    def _is_given_up(self) -> bool:
        match self._stop:
            case None:
                return False
            case _Stop.TIMED_OUT | _Stop.SILENT if self._bound.is_sync:
                return True  # a thread cannot be stopped
            case _Stop.RELEASED if self._bound.is_sync and self._in_a_hurry:
                return True
            case _:
                return time.monotonic() >= self._stop_at + self._grace()

    def _grace(self) -> float:
        return _HURRIED_GRACE if self._in_a_hurry else _CANCEL_GRACE

    # ---- its end -----------------------------------------------------------------------------

    def _end(self, error: BaseException | None, *, may_retry: bool) -> NoReturn:
        """error: what left the body; None if the body goes on."""
        if self._beats_unsent:  # for the next attempt
            self._beat()
        stopped = error is None or isinstance(error, asyncio.CancelledError)
        match self._stop:
            case _Stop.RELEASED:
                raise ToldError(
                    self._stop.value, type="WorkerShutdown", next_retry_delay=timedelta(seconds=1)
                )
            case _Stop.CANCELLED | _Stop.LOST if stopped:
                raise asyncio.CancelledError(self._stop.value)
            case _Stop.TIMED_OUT | _Stop.SILENT if stopped:
                self._fail(ActivityTimeoutError(self._why_late()), may_retry=True)
            case _:
                assert error is not None, "it was not asked to stop, so its body has ended"
                self._fail(error, may_retry=may_retry)

    def _fail(self, error: BaseException, *, may_retry: bool) -> NoReturn:
        info = self._info
        failure = failure_of_exception(
            error,
            converter=self._converter,
            activity=info.activity_type,
            attempt=info.attempt,
            instance_id=info.workflow_id,
        )
        self._failed, delay = failure, None
        if self._stop is not _Stop.CANCELLED:
            delay = self._within_budget(self._delay(error, failure, may_retry=may_retry))
        _logger.info(
            "%s failed: %s: %s; %s",
            self,
            failure.type_name,
            failure.message,
            "there is no other attempt" if delay is None else f"the next one begins in {delay:g} s",
        )
        raise application_error(failure, is_final=delay is None, after=delay) from None

    def _delay(self, error: BaseException, failure: Failure, *, may_retry: bool) -> float | None:
        if isinstance(error, CodecError) and not self._called:
            return _CODEC_RETRY
        if not may_retry:
            return None
        policy = self._bound.retry
        try:
            return retry_delay(
                self._options.retry,
                opened(failure, self._converter),
                self._info.attempt,
                should_retry=None if policy is None else policy.should_retry,
                random=random.random,
            )
        except Exception:
            _logger.exception("%s is not tried again: its should_retry failed", self)
            return None

    def _within_budget(self, delay: float | None) -> float | None:
        """None if the next attempt would begin after the retry timeout."""
        rule, info = self._options.retry, self._info
        if delay is None or rule is None or rule.timeout is None:
            return delay
        # By Temporal's clock, as far as it goes.
        before = (info.started_time - info.scheduled_time).total_seconds()
        took = time.monotonic() - self._began
        return delay if before + took + delay <= rule.timeout else None

    def _why_late(self) -> str:
        options = self._options
        if self._stop is _Stop.SILENT:
            return (
                f"{self} gave no heartbeat for {options.heartbeat_timeout} s. Call da.heartbeat() "
                "more often than that, or raise its heartbeat_timeout"
            )
        return (
            f"{self} took longer than its timeout of {options.timeout} s. Make it faster, or raise "
            "its timeout"
        )


def instance_awaiter(answer: Callable[[str], Awaitable[Answered]]) -> Callable[..., Any]:
    """The activity that waits for the end of an instance. answer: waits for it."""

    @activity.defn(name=AWAIT_INSTANCE)
    async def await_instance(instance_id: str) -> RawValue:
        waiting = asyncio.ensure_future(answer(instance_id))
        try:
            while not waiting.done():
                await asyncio.wait({waiting}, timeout=_BEAT)
                activity.heartbeat()
        finally:
            waiting.cancel()
        answered: Answered = waiting.result()
        return document(answered)

    return await_instance


def _why_cancelled() -> _Stop:
    details = activity.cancellation_details()
    if details is None or details.cancel_requested:
        return _Stop.CANCELLED
    return _Stop.RELEASED if details.worker_shutdown else _Stop.LOST


def _failed_in_thread(error: StopIteration) -> RuntimeError:
    return RuntimeError(f"{type(error).__qualname__} was raised where nothing is iterated")


def _heed(body: asyncio.Future[Payload]) -> None:
    if not body.cancelled():
        body.exception()
