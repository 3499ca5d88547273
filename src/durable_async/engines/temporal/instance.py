"""The one workflow that hosts every orchestrator. Invariant: what has come in is collected in one
inbox, and taken out in one feed; between two feeds nothing of the user's code runs.

Temporal replays it to rebuild it: then the same comes in, in the same order, and the core comes to
the same commands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn, assert_never

import attrs
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from durable_async.convert.records import encode_events, event_as_json
from durable_async.convert.values import CodecError
from durable_async.engines.continuations import news_of_next, outlives
from durable_async.engines.temporal import signals
from durable_async.engines.temporal.commands import Commands, number_of
from durable_async.engines.temporal.entities import mail
from durable_async.engines.temporal.entities.calls import EntityCalls, is_for_entities
from durable_async.engines.temporal.execution import HostedExecution, Outside, is_given_up
from durable_async.engines.temporal.hosting import (
    SIDE_EFFECTS,
    decode_values,
    encode_values,
    host_in,
)
from durable_async.engines.temporal.indexes import attributes_again
from durable_async.engines.temporal.memos import (
    CUSTOM_STATUS,
    HOSTING_FORMAT,
    IDLE,
    REASON,
    SUSPENDED,
    Memo,
    memo_again,
    memo_of,
    payload_in,
    read_memo,
    status_memo,
    tags_of,
)
from durable_async.engines.temporal.payloads import (
    NONE,
    application_error,
    document,
    from_wire,
    raw,
    read_document,
)
from durable_async.engines.temporal.requests import Requests, answer_as_json
from durable_async.engines.temporal.snapshots import (
    SNAPSHOT_LIMIT,
    Carried,
    GoesOn,
    children_in,
    is_delivered,
    pack_events,
    unpack_events,
)
from durable_async.engines.temporal.stacks import stack_text
from durable_async.engines.temporal.waits import Waits
from durable_async.engines.temporal.watching import HostedEpisode
from durable_async.model.commands import CancelActivity, Command, SendCancel, SendEvent
from durable_async.model.history import (
    FORMAT,
    CancelRequested,
    Delivered,
    EventReceived,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionContinued,
    ExecutionFailed,
    ExecutionStarted,
    HistoryEvent,
)
from durable_async.model.identity import Caller
from durable_async.model.outcome import (
    Blocked,
    EpisodeResult,
    Outcome,
    OutcomeEnd,
    Unchanged,
)
from durable_async.model.payload import Payload
from durable_async.model.work import Answer

__all__ = ["HostedInstance"]

_SIDE_EFFECT_LIMIT: Final = timedelta(minutes=10)


class HeldError(RuntimeError):
    """The instance cannot go on here. Temporal tries the same again, also with another worker; no
    failure of its code."""


@workflow.defn(dynamic=True, sandboxed=False)
class HostedInstance:
    """An instance of any orchestrator: the workflow's type is the orchestrator's name."""

    def __init__(self) -> None:
        self._hosting = host_in(workflow.extern_functions())
        self._info = workflow.info()
        self._inbox: list[Delivered] = []
        self._keys: dict[str, None] = {}
        self._waits = Waits(self._cancel)
        self._history: list[HistoryEvent] = []
        self._length_at_start = 0  # of history, in this run
        self._unreadable: list[CodecError] = []
        self._outside = Outside(workflow.patched)
        # Temporal's own answer would be the stacks of what hosts the code.
        workflow.set_query_handler("__stack_trace", self._stack)
        self._entities = EntityCalls(
            self._info.workflow_id,
            _execution_id(self._info),
            self._info.run_id,
            self._inbox.append,
        )
        self._commands = Commands(
            self._info.workflow_id, self._inbox.append, self._hosting.queue, self._entities
        )
        self._execution: HostedExecution | None = None
        self._requests = Requests(self._info.run_id)
        self._status: Payload | None = None
        self._is_idle = False
        self._suspended: str | None = None  # why

    # ---- from outside ------------------------------------------------------------------------

    @workflow.signal(dynamic=True)
    def receive(self, name: str, args: Sequence[RawValue]) -> None:
        """An external event, by its name."""
        match name:
            case signals.CANCEL:
                self._cancel(read_document(args, 0, str) or "")
            case signals.SUSPEND:
                self._suspend(read_document(args, 0, str) or "")
            case signals.RESUME:
                self._resume()
            case mail.REPLY:
                self._entities.receive(args)
            case _:
                self._receive_event(name, args)

    def _receive_event(self, name: str, args: Sequence[RawValue]) -> None:
        extras = read_document(args, 1, signals.EventExtras) or signals.EventExtras()
        if extras.request_id is not None:
            self._receive_request(name, args, extras.request_id)
            return
        if extras.key is not None:
            if extras.key in self._keys:
                return
            self._keys[extras.key] = None
        self._inbox.append(EventReceived(name=name, data=_data(args), key=extras.key))

    def _receive_request(self, name: str, args: Sequence[RawValue], request_id: str) -> None:
        if self._requests.is_new(request_id):
            event = EventReceived(name=name, data=_data(args), request_id=request_id)
            self._inbox.append(event)

    @workflow.update(dynamic=True, unfinished_policy=workflow.HandlerUnfinishedPolicy.ABANDON)
    async def ask(self, name: str, args: Sequence[RawValue]) -> RawValue:
        """A request of Temporal's own tools, whose id is that of the update. If it is broken off,
        as the instance goes on in a new run, it stays asked: the same id brings its answer."""
        info = workflow.current_update_info()
        assert info is not None, "an update is under way"
        request_id = info.id
        self._receive_request(name, args, request_id)
        await workflow.wait_condition(lambda: self._requests.is_answered(request_id))
        match self._requests.answer(request_id, self._history):
            case Answer(result=Payload() as result):
                return raw(result)
            case Answer(reason=reason):
                raise ApplicationError(reason, type="RequestRejectedError", non_retryable=True)
            case run_id:
                raise ApplicationError(
                    f"it was answered before, by run {run_id}", non_retryable=True
                )

    @ask.validator
    def refuse_kept_names(self, name: str, args: Sequence[RawValue]) -> None:
        if name.startswith(signals.KEPT):
            raise ValueError(f"names that begin with {signals.KEPT!r} are kept")

    def _cancel(self, reason: str) -> None:
        self._resume()
        self._inbox.append(CancelRequested(reason=reason))

    def _suspend(self, reason: str) -> None:
        if self._suspended is None:
            self._suspended = reason
            workflow.upsert_memo({SUSPENDED: reason})

    def _resume(self) -> None:
        if self._suspended is not None:
            self._suspended = None
            workflow.upsert_memo({SUSPENDED: None})

    @workflow.query(dynamic=True)
    def answer(self, name: str, args: Sequence[RawValue]) -> RawValue:
        """What can be seen of an instance: its "history", its "stack"; for our own client the
        events that stand behind those that it has."""
        match name:
            case signals.HISTORY:
                begin = read_document(args, 0, int) or 0
                return pack_events(_page(self._history[begin:]))
            case signals.ANSWER:
                request_id = read_document(args, 0, str) or ""
                match self._requests.answer(request_id, self._history):
                    case None:
                        return document({})
                    case Answer() as answer:
                        return document(answer_as_json(answer))
                    case run_id:
                        return document({"run_id": run_id})
            case "history":
                return document([event_as_json(event) for event in self._history])
            case "stack":
                return document(self._stack())
            case _:
                raise ValueError(f'there is no query {name!r}: ask for "stack" or "history"')

    def _stack(self) -> str:
        execution = self._execution
        return stack_text(self._history, () if execution is None else execution.waiting_lines())

    # ---- its life ----------------------------------------------------------------------------

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> RawValue:
        try:
            return await self._live(args)
        except HeldError as error:
            self._hosting.report_held(self._info.workflow_id, str(error))
            raise

    async def _live(self, args: Sequence[RawValue]) -> RawValue:
        memo = read_memo(self._info.raw_memo)
        _require_known(memo)
        try:
            await self._until(memo.start_at)
            if self._inbox_has_cancel():
                self._end_cancelled(self._reason())
            outcome = await self._begin(args, memo)
            while outcome.ended is None:
                await self._waits.until(self._goes_on)
                outcome = await self._episode(())
            return await self._end(outcome, outcome.ended, memo)
        finally:
            self._close()

    async def _begin(self, args: Sequence[RawValue], memo: Memo) -> Outcome:
        carried = read_document(args, 1, Carried) or Carried()
        if carried.suspended is not None:
            self._suspend(carried.suspended)
            await self._waits.until(lambda: self._suspended is None)
        events = unpack_events(args, 2)
        if carried.same:
            news = [event for event in unpack_events(args, 3) if is_delivered(event)]
            self._history.extend(events)
            self._status = payload_in(self._info.raw_memo, CUSTOM_STATUS)
        else:
            news = [event for event in events if is_delivered(event)]
            self._history.append(self._started(args, memo))
        self._take_over(carried, news)
        if carried.same:
            self._length_at_start = len(self._history)
            # What has been answered, and not delivered, is not done again.
            answered = {number for each in news if (number := number_of(each)) is not None}
            self._commands.resume(self._history, answered, children_in(args, 4))
            rewound = len(args) > 4
            self._entities.begin(self._history, answered, anew=rewound)
            await self._waits.until(lambda: self._entities.has_its_locks)
        else:
            self._entities.begin(())
        return await self._episode(tuple(self._history))

    def _take_over(self, carried: Carried, news: Sequence[Delivered]) -> None:
        """What earlier runs knew. What has come in this one may be a repetition of theirs."""
        before = Requests(self._info.run_id)
        before.restore(carried.answered, self._info.raw_memo, (*self._history, *news))
        came, self._inbox[:] = self._inbox[:], news
        known, self._keys, self._requests = set(carried.keys), dict.fromkeys(carried.keys), before
        for event in came:
            if isinstance(event, EventReceived):
                if event.key in known:
                    continue
                if event.key is not None:
                    self._keys[event.key] = None
                if event.request_id is not None and not self._requests.is_new(event.request_id):
                    continue
            self._inbox.append(event)

    def _started(self, args: Sequence[RawValue], memo: Memo) -> ExecutionStarted:
        info, parent = self._info, self._info.parent
        caller = None
        if parent is not None and not memo.detached:
            number = -1 if memo.number is None else memo.number
            caller = Caller(parent.workflow_id, memo.parent_execution_id or parent.run_id, number)
        return ExecutionStarted(
            format=FORMAT,
            instance_id=info.workflow_id,
            execution_id=_execution_id(info),
            name=info.workflow_type,
            version=memo.version,
            input=from_wire(args[0].payload) if args else Payload(b"[]"),
            parent=caller,
            queue=info.task_queue,
            tags=tags_of(memo, info.typed_search_attributes),
            at=info.workflow_start_time,
        )

    # ---- an episode --------------------------------------------------------------------------

    async def _episode(self, history: tuple[HistoryEvent, ...]) -> Outcome:
        """Feed what has come in. history: to rebuild from; () if the coroutine is kept."""
        news, now = self._inbox[:], workflow.now()
        self._inbox.clear()
        outside = self._outside
        outside.begin_episode()
        while True:
            outside.begin_run(replaying=workflow.unsafe.is_replaying())
            if history:
                self._execution = self._new_execution(history[0])
            execution = self._running()
            result = self._hosting.supervise(
                "an episode of instance",
                self._info.workflow_id,
                execution.run,
                history,
                news,
                now,
            )
            if outside.has_unrecorded or outside.wanted is not None:
                await self._record_side_effects()
            if not is_given_up(result):
                break
            self._close()
            history = tuple(self._history)
        if self._unreadable:
            result = Blocked(reason="codec", message=f"its codec failed: {self._unreadable[0]}")
        if isinstance(result, Blocked):
            self._tell(result, now)
            raise HeldError(f"{result.reason}: {result.message}")
        # What an end came before is for whoever follows, ahead of what came meanwhile.
        self._inbox[:0] = news[execution.reached :]
        self._history.extend(result.events)
        changes = self._changes_of_memo(result)
        if changes:
            workflow.upsert_memo(changes)
        self._tell(result, now)
        await self._carry_out(result)
        return result

    def _changes_of_memo(self, outcome: Outcome) -> dict[str, Any]:
        changes = self._requests.take(outcome.commands)
        if not isinstance(outcome.custom_status, Unchanged):
            self._status = outcome.custom_status
            changes |= status_memo(self._status)
        if outcome.idle is not self._is_idle:
            self._is_idle = outcome.idle
            changes[IDLE] = True if outcome.idle else None
        return changes

    def _tell(self, result: EpisodeResult, now: datetime) -> None:
        watch = self._hosting.watch
        if watch is not None:
            episode = HostedEpisode(
                instance_id=self._info.workflow_id,
                result=result,
                history=self._history,
                tasks=tuple(self._running().waiting_lines()),
                replaying=self._outside.replaying,
                at=now,
            )
            watch.episode_ended(episode)

    async def _carry_out(self, outcome: Outcome) -> None:
        snapshot = self._snapshot(outcome)
        leaves = snapshot is not None or isinstance(outcome.ended, ExecutionContinued)
        self._commands.carry_out(
            each for each in outcome.commands if not leaves or self._is_for_this_run(each, outcome)
        )
        if outcome.ended is not None:
            self._entities.leave()
        if snapshot is not None:
            await self._waits.until(lambda: not self._commands.has_unsent)
            self._continue_in_new_run(snapshot)

    def _is_for_this_run(self, command: Command, outcome: Outcome) -> bool:
        """Whether the command is carried out although another run follows: whatever else is open
        in a snapshot, that run asks for."""
        if outcome.ended is None:
            return isinstance(command, SendEvent | SendCancel) or is_for_entities(command)
        return outlives(command)

    def _new_execution(self, first: HistoryEvent) -> HostedExecution:
        assert isinstance(first, ExecutionStarted), "a history begins with it"
        self._unreadable.clear()
        code = self._hosting.code(first.name, first.version, self._unreadable)
        watch = self._hosting.watch
        if code is None:
            if watch is not None:
                watch.orchestrator_unknown(first.instance_id, first.name, first.version)
            version = "" if first.version is None else f" version {first.version!r}"
            raise HeldError(
                f"no orchestrator {first.name!r}{version} was given to this worker, which serves "
                f"queue {first.queue!r}. Give it to every worker of that queue"
            )
        return HostedExecution(
            code,
            self._outside,
            learn=None if watch is None else watch.learn,
            report=self._report,
        )

    async def _record_side_effects(self) -> None:
        outside, hosting, run_id = self._outside, self._hosting, self._info.run_id
        unrecorded = outside.values[outside.recorded :]
        if outside.wanted is not None:
            hosting.want(run_id, outside.wanted)
        try:
            recording = workflow.start_local_activity(
                SIDE_EFFECTS,
                args=[encode_values(unrecorded)],
                result_type=RawValue,
                start_to_close_timeout=_SIDE_EFFECT_LIMIT,
                summary="side effects",
            )
            await self._waits.until(recording.done)
            outside.take_recorded(decode_values(recording.result()))
        finally:
            hosting.forget(run_id)

    def _running(self) -> HostedExecution:
        assert self._execution is not None, "it is made before its first episode"
        return self._execution

    def _report(self, message: str, error: BaseException | None) -> None:
        if not self._outside.replaying:
            self._hosting.report(self._info.workflow_id, message, error)

    # ---- waiting -----------------------------------------------------------------------------

    def _goes_on(self) -> bool:
        return bool(self._inbox) and self._suspended is None

    async def _until(self, start_at: datetime | None) -> None:
        """Nothing of the code runs before this time, nor at all if it is cancelled before."""
        self._waits.look_for_cancel()
        if start_at is not None and start_at > workflow.now():
            await self._sleep_until(start_at)
        await self._waits.until(lambda: self._suspended is None)

    async def _sleep_until(self, start_at: datetime) -> None:
        timer = asyncio.create_task(
            workflow.sleep(start_at - workflow.now(), summary="starts later")
        )
        await self._waits.until(lambda: timer.done() or self._inbox_has_cancel())
        timer.cancel()

    def _inbox_has_cancel(self) -> bool:
        return any(isinstance(event, CancelRequested) for event in self._inbox)

    def _reason(self) -> str:
        return workflow.cancellation_reason() or ""

    # ---- the end -----------------------------------------------------------------------------

    async def _end(self, outcome: Outcome, ended: OutcomeEnd, memo: Memo) -> RawValue:
        await self._waits.until(lambda: not self._commands.has_unsent)
        match ended:
            case ExecutionCompleted(result=result):
                return raw(result)
            case ExecutionFailed(failure=failure):
                await self._leave_remains()
                raise application_error(failure)
            case ExecutionCancelled(reason=reason):
                self._end_cancelled(reason)
            case ExecutionContinued():
                self._continue_as_new(outcome, ended, memo)
            case _:
                assert_never(ended)
        raise AssertionError("it has ended")

    async def _leave_remains(self) -> None:
        """What a run needs that goes on from before the failure: to make it out of Temporal's own
        history takes the code that has failed, and that is being mended."""
        remains = GoesOn(
            carried=self._carried(same=True),
            history=pack_events(self._history).payload.data,
            news=pack_events(self._inbox).payload.data,
        ).as_remains()
        if len(remains.payload.data) <= SNAPSHOT_LIMIT:
            leaving = workflow.start_local_activity(
                SIDE_EFFECTS,
                args=[remains],
                result_type=RawValue,
                start_to_close_timeout=_SIDE_EFFECT_LIMIT,
                summary="what it may be rewound from",
            )
            await self._waits.until(leaving.done)

    def _carried(self, *, same: bool) -> Carried:
        return Carried(
            keys=tuple(self._keys),
            same=same,
            suspended=self._suspended,
            answered=self._requests.answered,
        )

    def _end_cancelled(self, reason: str) -> None:
        if reason:
            workflow.upsert_memo({REASON: reason})
        raise asyncio.CancelledError(reason)

    def _continue_as_new(self, outcome: Outcome, ended: ExecutionContinued, memo: Memo) -> None:
        request = ended.request
        self._commands.drop_calls()
        news = news_of_next(outcome, self._inbox)
        carried = self._carried(same=False)
        workflow.continue_as_new(
            workflow=request.name,
            args=[raw(request.input), document(carried), pack_events(news)],
            task_queue=self._hosting.queue(request.queue),
            memo=memo_of(
                request,
                detached=memo.detached,
                created_at=memo.created_at or self._info.workflow_start_time,
            )
            | self._requests.memo,
            search_attributes=attributes_again(request.tags),
        )

    def _snapshot(self, outcome: Outcome) -> RawValue | None:
        """What to go on with in a new run, if it is time for one: before Temporal's history is too
        long for it, and while nothing is under way that only this run would hear of."""
        if (
            outcome.ended is not None
            or not workflow.info().is_continue_as_new_suggested()
            or len(self._history) == self._length_at_start
            or self._commands.has_open
            or self._suspended is not None
            or any(isinstance(each, CancelActivity) and each.wait for each in outcome.commands)
        ):
            return None
        snapshot = pack_events(self._history)
        # One that is too large: Temporal warns, and ends it at its limit. da.continue_as_new is
        # the way out.
        return snapshot if len(snapshot.payload.data) <= SNAPSHOT_LIMIT else None

    def _continue_in_new_run(self, snapshot: RawValue) -> NoReturn:
        memo, started = read_memo(self._info.raw_memo), self._history[0]
        assert isinstance(started, ExecutionStarted), "a history begins with it"
        carried = self._carried(same=True)
        kept = attrs.evolve(
            memo,
            execution_id=started.execution_id,
            created_at=memo.created_at or self._info.workflow_start_time,
        )
        workflow.continue_as_new(
            args=[raw(started.input), document(carried), snapshot, pack_events(self._inbox)],
            memo=memo_again(kept, self._status) | self._requests.memo,
        )

    def _close(self) -> None:
        execution, self._execution = self._execution, None
        if execution is not None:
            self._hosting.supervise(
                "the close of instance", self._info.workflow_id, execution.close
            )


def _execution_id(info: workflow.Info) -> str:
    return read_memo(info.raw_memo).execution_id or info.original_execution_run_id


def _require_known(memo: Memo) -> None:
    if memo.format > HOSTING_FORMAT:
        raise HeldError(
            f"a newer release of durable_async has begun this instance (format {memo.format}, and "
            f"this worker knows {HOSTING_FORMAT} at most). Run its workers on that release"
        )


def _page(events: Sequence[HistoryEvent]) -> Sequence[HistoryEvent]:
    """As many as one answer can hold, but one at least."""
    count = len(events)
    while count > 1 and len(encode_events(events[:count])) > SNAPSHOT_LIMIT:
        count //= 2
    return events[:count]


def _data(args: Sequence[RawValue]) -> Payload:
    return from_wire(args[0].payload) if args else NONE
