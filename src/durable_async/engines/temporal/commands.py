"""What the code asks for, asked of Temporal. Invariant: each command is carried out once, in order,
and what it brings is delivered under its number, unless the code has given it up.

All of it runs on the workflow's loop, so that Temporal's replay does the same again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, Final, assert_never

import attrs
import msgspec
from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    ChildWorkflowError,
    FailureError,
    TerminatedError,
    WorkflowAlreadyStartedError,
)

from durable_async.convert.durations import span
from durable_async.core.pending import open_waits
from durable_async.engines import refusals
from durable_async.engines.temporal.answers import AWAIT_INSTANCE, Answered, awaiting_queue
from durable_async.engines.temporal.entities.calls import EntityCalls
from durable_async.engines.temporal.entities.names import is_kept_id, kept_id
from durable_async.engines.temporal.indexes import attributes_again
from durable_async.engines.temporal.liveness import LIVENESS, NO_LIMIT, TIMEOUTS
from durable_async.engines.temporal.memos import memo_of
from durable_async.engines.temporal.payloads import (
    NONE,
    failure_of_application_error,
    from_wire,
    raw,
    sparse_document,
)
from durable_async.engines.temporal.snapshots import Child, GoesOn
from durable_async.errors import DurableError, InstanceAlreadyExistsError, StoreError
from durable_async.model.commands import (
    AnswerRequest,
    AwaitEvent,
    AwaitInstance,
    CallEntity,
    CancelActivity,
    CancelChild,
    CancelEntityCall,
    CancelEventWait,
    CancelInstanceWait,
    CancelTimer,
    Command,
    MarkPatch,
    RecordSideEffect,
    ReleaseLock,
    RequestLock,
    ScheduleActivity,
    SendCancel,
    SendEvent,
    SignalEntity,
    StartChild,
    StartInstance,
    StartTimer,
)
from durable_async.model.creation import CreateInstance
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    CallCompleted,
    CallFailed,
    ChildStarted,
    Delivered,
    EntityCalled,
    EventAwaited,
    HistoryEvent,
    InstanceAwaited,
    InstanceStarted,
    LockRequested,
    TimerFired,
    TimerStarted,
)
from durable_async.model.options import LOST_WORKER_LIMIT, ActivityOptions
from durable_async.model.payload import Payload

__all__ = ["Commands", "await_end_of", "number_of"]

_logger: Final = logging.getLogger("durable_async.engines")

_SLACK: Final = timedelta(seconds=30)
"""By how much Temporal's limit of an attempt is longer than ours: the worker keeps the time, and
Temporal looks after workers that do not."""

_LONGEST_TIMER: Final = timedelta(days=3650)

_DEFAULT_OPTIONS: Final = ActivityOptions()


class Commands:
    """Of one instance. deliver: takes the news that commands bring, in order. queue: where to put
    what was asked for on a queue. entities: what it says to them."""

    def __init__(
        self,
        instance_id: str,
        deliver: Callable[[Delivered], None],
        queue: Callable[[str], str],
        entities: EntityCalls,
    ) -> None:
        self._instance_id = instance_id
        self._entities = entities
        self._deliver = deliver
        self._queue = queue
        self._timers: dict[int, asyncio.Task[None]] = {}
        self._activities: dict[int, workflow.ActivityHandle[Any]] = {}
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._detached: dict[str, workflow.ChildWorkflowHandle[Any, Any]] = {}
        self._messages: set[asyncio.Task[None]] = set()

    @property
    def has_open(self) -> bool:
        """Whether something is under way that only this run of Temporal's can hear of."""
        return bool(self._activities or self._calls or self.has_unsent)

    def carry_out(self, commands: Iterable[Command]) -> None:
        for command in commands:
            self._carry_out(command)

    def resume(
        self,
        history: Iterable[HistoryEvent],
        answered: Collection[int] = (),
        children: Mapping[int, Child | GoesOn] = MappingProxyType({}),
    ) -> None:
        """Ask for what is open in a history that came from an earlier run: nothing of it is under
        way, but for other instances that are awaited. answered: what of it is to be delivered.
        children: those that were there before, by number."""
        for wait in open_waits(history):
            if wait.number in answered:
                continue
            match wait:
                case TimerStarted(number=number, due=due, line=line):
                    self._start_timer(number, due, line)
                case ActivityScheduled():
                    self._schedule(wait)
                case ChildStarted(number=number, request=request):
                    self._start_child(number, request, children.get(number))
                case InstanceStarted(number=number, request=request):
                    self._call(number, partial(self._start_detached, number, request))
                case InstanceAwaited(number=number, instance_id=instance_id):
                    self._await_instance(number, instance_id)
                case EventAwaited() | EntityCalled() | LockRequested():
                    pass  # events come by themselves; what entities owe, `EntityCalls` knows
                case _:
                    assert_never(wait)

    @property
    def has_unsent(self) -> bool:
        """Whether something said to others has not reached them. What Temporal has not delivered
        when the instance ends is lost."""
        return bool(self._messages) or self._entities.has_unsent

    def drop_calls(self) -> None:
        """The execution goes on as new: its children do not."""
        for task in self._calls.values():
            task.cancel(refusals.await_cancelled(self._instance_id))
        self._calls.clear()

    def _carry_out(self, command: Command) -> None:
        match command:
            case StartTimer(number=number, due=due, line=line):
                self._start_timer(number, due, line)
            case CancelTimer(number=number):
                _cancel(self._timers.pop(number, None))
            case ScheduleActivity():
                self._schedule(command)
            case CancelActivity():
                self._cancel_activity(command)
            case StartChild() | CancelChild() | StartInstance() | AwaitInstance():
                self._carry_out_call(command)
            case CancelInstanceWait(number=number):
                _cancel(self._calls.pop(number, None))
            case SendEvent() | SendCancel():
                self._carry_out_message(command)
            case AwaitEvent() | CancelEventWait() | RecordSideEffect() | MarkPatch():
                pass  # they concern history alone
            case AnswerRequest():
                pass  # the memo tells, which the instance has changed
            case CallEntity() | CancelEntityCall() | SignalEntity() | RequestLock() | ReleaseLock():
                self._entities.carry_out(command)
            case _:
                assert_never(command)

    def _carry_out_call(
        self, command: StartChild | CancelChild | StartInstance | AwaitInstance
    ) -> None:
        match command:
            case StartChild(number=number, request=request):
                self._start_child(number, request)
            case CancelChild(number=number):
                reason = refusals.await_cancelled(self._instance_id)
                _cancel(self._calls.pop(number, None), reason)
            case StartInstance(number=number, request=request):
                self._call(number, partial(self._start_detached, number, request))
            case AwaitInstance(number=number, instance_id=instance_id):
                self._await_instance(number, instance_id)
            case _:
                assert_never(command)

    def _carry_out_message(self, command: SendEvent | SendCancel) -> None:
        there = workflow.get_external_workflow_handle(command.instance_id)
        match command:
            case SendEvent(instance_id=instance_id, name=name, data=data):
                send = partial(there.signal, name, raw(data))
                self._send(f"event {name!r}", instance_id, send)
            case SendCancel(instance_id=instance_id, reason=reason):
                self._send("a cancel", instance_id, partial(there.cancel, reason=reason))
            case _:
                assert_never(command)

    # ---- timers ------------------------------------------------------------------------------

    def _start_timer(self, number: int, due: datetime, line: str) -> None:
        self._timers[number] = asyncio.create_task(self._sleep(number, due, line))

    async def _sleep(self, number: int, due: datetime, line: str) -> None:
        while True:
            left = due - workflow.now()
            await workflow.sleep(min(max(left, timedelta()), _LONGEST_TIMER), summary=_place(line))
            if left <= _LONGEST_TIMER:
                break
        if self._timers.pop(number, None) is not None:
            self._deliver(TimerFired(number=number))

    # ---- activities --------------------------------------------------------------------------

    def _schedule(self, command: ScheduleActivity | ActivityScheduled) -> None:
        number, options = command.number, command.options or _DEFAULT_OPTIONS
        arguments = [raw(command.input)]
        if options != _DEFAULT_OPTIONS:
            arguments.append(sparse_document(options))
        handle = workflow.start_activity(
            command.name,
            args=arguments,
            task_queue=self._queue(options.queue),
            result_type=RawValue,
            start_to_close_timeout=_limit(options),
            heartbeat_timeout=LIVENESS,
            retry_policy=_retry_policy(options),
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            activity_id=str(number),
            summary=options.summary or None,
        )
        self._activities[number] = handle
        lost = 1 if options.on_lost == "fail" else LOST_WORKER_LIMIT
        failed = partial(self._activity_failed, number, command.name, lost)
        handle.add_done_callback(lambda _: self._activity_ended(number, handle, failed))

    def _activity_ended(
        self,
        number: int,
        handle: workflow.ActivityHandle[Any],
        failed: Callable[[ActivityError], Delivered],
    ) -> None:
        error = None if handle.cancelled() else handle.exception()
        if self._activities.get(number) is not handle:
            return  # the code has given it up
        del self._activities[number]
        if handle.cancelled():
            self._deliver(ActivityCancelled(number=number))
        elif error is None:
            self._deliver(ActivityCompleted(number=number, result=_result(handle.result())))
        elif isinstance(error, ActivityError):
            self._deliver(failed(error))
        elif isinstance(error, Exception):  # else the instance is evicted
            self._deliver(ActivityFailed(number=number, failure=_broken(error)))

    def _activity_failed(
        self, number: int, name: str, lost: int, error: ActivityError
    ) -> Delivered:
        """lost: how many workers may be lost before it fails."""
        match error.cause:
            case CancelledError():
                return ActivityCancelled(number=number)
            case ApplicationError() as cause:
                return ActivityFailed(number=number, failure=failure_of_application_error(cause))
            case _:  # it has timed out at Temporal: no worker reported on it
                failure = refusals.worker_lost(self._instance_id, name, lost, lost)
                return ActivityFailed(number=number, failure=failure)

    def _cancel_activity(self, command: CancelActivity) -> None:
        handle = self._activities.get(command.number)
        if handle is None:
            return  # it has ended
        if not command.wait:
            del self._activities[command.number]
        handle.cancel()

    # ---- other instances ---------------------------------------------------------------------

    def _call(self, number: int, call: Callable[[], Coroutine[Any, Any, Delivered]]) -> None:
        """call: brings the answer. Called by the task: one that is cancelled at once never is."""

        async def deliver() -> None:
            try:
                news = await call()
            except Exception as error:
                news = _broken_call(number, error)
            if self._calls.pop(number, None) is not None:
                self._deliver(news)

        self._calls[number] = asyncio.create_task(deliver())

    def _start_child(
        self, number: int, request: CreateInstance, before: Child | GoesOn | None = None
    ) -> None:
        if before == "awaited":
            self._await_instance(number, request.instance_id)
        else:
            again = before if isinstance(before, GoesOn) else None
            replaces = request if before is None else attrs.evolve(request, if_exists="replace")
            self._call(number, partial(self._child, number, replaces, again))

    async def _child(
        self, number: int, request: CreateInstance, goes_on: GoesOn | None
    ) -> Delivered:
        try:
            handle = await self._start(
                request,
                memo_of(request) if goes_on is None else goes_on.memo_fields(),
                arguments=[] if goes_on is None else goes_on.arguments(request.input),
                queue=self._queue(request.queue),
                parent_close_policy=workflow.ParentClosePolicy.REQUEST_CANCEL,
            )
            return CallCompleted(number=number, result=_result(await handle))
        except WorkflowAlreadyStartedError:
            return _broken_call(number, refusals.child_exists(request.instance_id))
        except FailureError as error:
            return _call_failed(number, request.instance_id, error)

    async def _start_detached(self, number: int, request: CreateInstance) -> Delivered:
        try:
            handle = await self._start(
                request,
                memo_of(request, detached=True, start_at=request.start_at),
                queue=request.queue,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            )
        except WorkflowAlreadyStartedError as error:
            if request.if_exists != "attach":
                return _call_failed(number, request.instance_id, error)
        except FailureError as error:
            return _call_failed(number, request.instance_id, error)
        else:
            self._detached[request.instance_id] = handle
            handle.add_done_callback(_heed)
        return CallCompleted(number=number)

    async def _start(
        self,
        request: CreateInstance,
        memo: dict[str, Any],
        *,
        queue: str,
        parent_close_policy: workflow.ParentClosePolicy,
        arguments: Sequence[RawValue] = (),
    ) -> workflow.ChildWorkflowHandle[Any, Any]:
        if is_kept_id(request.instance_id):
            raise kept_id(request)
        replaces = request.if_exists == "replace"
        return await workflow.start_child_workflow(
            request.name,
            args=arguments or [raw(request.input)],
            id=request.instance_id,
            task_queue=queue,
            result_type=RawValue,
            cancellation_type=workflow.ChildWorkflowCancellationType.TRY_CANCEL,
            parent_close_policy=parent_close_policy,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE
            if replaces
            else WorkflowIDReusePolicy.REJECT_DUPLICATE,
            memo=memo,
            search_attributes=attributes_again(request.tags),
        )

    def _await_instance(self, number: int, instance_id: str) -> None:
        self._call(number, partial(self._end_of, number, instance_id))

    async def _end_of(self, number: int, instance_id: str) -> Delivered:
        handle = self._detached.get(instance_id)
        if handle is not None:
            try:
                return CallCompleted(number=number, result=_result(await asyncio.shield(handle)))
            except FailureError as error:
                return _call_failed(number, instance_id, error)
        answered = await await_end_of(instance_id)
        if answered.failure is not None:
            return CallFailed(number=number, failure=answered.failure)
        return CallCompleted(number=number, result=answered.result or NONE)

    # ---- messages ----------------------------------------------------------------------------

    def _send(
        self, what: str, instance_id: str, message: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        async def send() -> None:
            try:
                await message()
            except FailureError:
                if not workflow.unsafe.is_replaying():
                    sender = f"instance {self._instance_id!r}"
                    _logger.warning("%s", refusals.dropped(what, instance_id, None, sender))

        task = asyncio.create_task(send())
        self._messages.add(task)
        task.add_done_callback(self._messages.discard)


async def await_end_of(instance_id: str) -> Answered:
    """What an instance comes to that is not this one's child: a worker asks the cluster."""
    answer: RawValue = await workflow.execute_activity(
        AWAIT_INSTANCE,
        args=[instance_id],
        task_queue=awaiting_queue(workflow.info().task_queue),
        result_type=RawValue,
        start_to_close_timeout=NO_LIMIT,
        heartbeat_timeout=LIVENESS,
        summary=instance_id,
    )
    return msgspec.json.decode(from_wire(answer.payload).data, type=Answered)


def number_of(event: Delivered) -> int | None:
    """Of the command that it answers; None if it answers none."""
    number: int | None = getattr(event, "number", None)
    return number


def _cancel(task: asyncio.Task[None] | None, reason: str = "") -> None:
    if task is not None:
        task.cancel(reason)


def _heed(task: asyncio.Task[Any]) -> None:
    """Nobody has to await a detached instance."""
    if not task.cancelled():
        task.exception()


def _result(value: RawValue | None) -> Payload:
    return NONE if value is None else from_wire(value.payload)


def _place(line: str) -> str:
    return PurePath(line).name


def _limit(options: ActivityOptions) -> timedelta:
    return NO_LIMIT if options.timeout is None else span(options.timeout) + _SLACK


def _retry_policy(options: ActivityOptions) -> RetryPolicy:
    """For Temporal. Whether an attempt that failed is tried again, and when, the worker decides
    (its rules know classes); Temporal decides of workers that are lost."""
    rule = options.retry
    fails = options.on_lost == "fail"
    attempts = 1 if rule is None else rule.max_attempts
    return RetryPolicy(
        initial_interval=span(rule.initial_interval if rule else 1.0),
        backoff_coefficient=max(1.0, rule.backoff) if rule else 2.0,
        maximum_interval=span(rule.max_interval) if rule else None,
        maximum_attempts=attempts if fails else max(attempts, LOST_WORKER_LIMIT),
        non_retryable_error_types=TIMEOUTS if fails else None,
    )


def _broken(error: Exception) -> Failure:
    """What temporalio itself could not do, or what is refused here."""
    if not isinstance(error, DurableError):
        error = StoreError(f"Temporal could not do this: {type(error).__name__}: {error}")
    return refusals.failure_from(error, instance_id=None)


def _broken_call(number: int, error: Exception) -> CallFailed:
    return CallFailed(number=number, failure=_broken(error))


def _call_failed(number: int, instance_id: str, error: FailureError) -> CallFailed:
    return CallFailed(number=number, failure=_failure_of_call(instance_id, error))


def _failure_of_call(instance_id: str, error: FailureError) -> Failure:
    cause = error.cause if isinstance(error, ChildWorkflowError) else error
    match cause:
        case ApplicationError():
            failure = failure_of_application_error(cause)
            if failure.instance_id is not None:
                return failure
            return attrs.evolve(failure, instance_id=instance_id)
        case CancelledError():
            ours: Exception = refusals.awaited_cancelled(instance_id, "")
        case TerminatedError():
            ours = refusals.awaited_terminated(instance_id, "")
        case WorkflowAlreadyStartedError():
            return _broken(  # raised where it is awaited
                InstanceAlreadyExistsError(
                    f"instance {instance_id!r} exists already. Choose another id, or say "
                    "if_exists='attach' to join it"
                )
            )
        case _:
            ours = StoreError(f"instance {instance_id!r} could not be run: {error}")
    return refusals.failure_from(ours, instance_id=instance_id)
