"""Episodes: what the code did becomes history, and what it asked for is done. Invariant: of an
episode all is done or nothing; whatever is refused is refused before anything has changed."""

from __future__ import annotations

from typing import assert_never

from durable_async.engines import refusals
from durable_async.engines.continuations import news_of_next, outlives, started
from durable_async.engines.ends import answer_to
from durable_async.engines.limits import HISTORY_LIMIT, HISTORY_WARNING
from durable_async.engines.memory.activities import Activities
from durable_async.engines.memory.answers import Answers
from durable_async.engines.memory.entities import Entities
from durable_async.engines.memory.instances import Instances
from durable_async.engines.memory.rows import Activity, Instance
from durable_async.engines.memory.store import Store, logger
from durable_async.errors import DurableError, LeaseLostError
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
from durable_async.model.history import (
    CallCompleted,
    CallFailed,
    Ended,
    ExecutionContinued,
    ExecutionFailed,
    TimerFired,
)
from durable_async.model.outcome import Blocked, Outcome, Unchanged
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import Answer, Cancel, EpisodeCommit, Lease, RaiseEvent

__all__ = ["Episodes"]


class Episodes:
    def __init__(
        self,
        store: Store,
        instances: Instances,
        activities: Activities,
        entities: Entities,
        answers: Answers,
    ) -> None:
        self._store = store
        self._instances = instances
        self._activities = activities
        self._entities = entities
        self._answers = answers

    def commit(self, commit: EpisodeCommit, session: str) -> None:
        instance = self.held(commit.lease, session)
        if commit.length != len(instance.history):
            self.release(instance)
            raise refusals.length_differs(commit.lease, commit.length, len(instance.history))
        match commit.result:
            case Blocked(reason=reason, message=message):
                instance.lost = 0
                self.block(instance, f"{reason}: {message}", session)
            case Outcome() as outcome:
                self._apply(instance, commit, outcome, session)
            case _:
                assert_never(commit.result)

    # ---- leases ------------------------------------------------------------------------------

    def held(self, lease: Lease, session: str) -> Instance:
        """Raises LeaseLostError if the session does not hold it."""
        instance = self._store.instances.get(lease.instance_id)
        if instance is None or instance.owner != session or instance.lease != lease:
            raise refusals.lease_lost(lease)
        return instance

    def release(self, instance: Instance) -> None:
        instance.owner = None
        instance.in_hand = False
        self._store.schedule(instance)

    def block(self, instance: Instance, why: str, session: str) -> None:
        """Nothing of the episode is kept. What it was woken with in memory is still to be
        reported by its session."""
        instance.progress = RuntimeStatus.BLOCKED
        instance.blocked = why
        instance.tried.add(self._store.sessions[session].fingerprint)
        instance.parked = True
        instance.updated_at = self._store.now
        self._store.parked[instance.id] = instance
        self.release(instance)

    # ---- outcomes ----------------------------------------------------------------------------

    def _apply(
        self, instance: Instance, commit: EpisodeCommit, outcome: Outcome, session: str
    ) -> None:
        finished = self._finished(instance, commit, session)
        length = len(instance.history) + len(outcome.events)
        if length > HISTORY_LIMIT and outcome.ended is None:
            self._fail_for_length(instance, length)
        _warn_of_length(instance, length)
        self._append(instance, commit, outcome, finished)
        continues = isinstance(outcome.ended, ExecutionContinued)
        for command in outcome.commands:
            if not continues or outlives(command):
                self.carry_out(command, instance)
        if outcome.ended is None:
            self._store.schedule(instance)
        elif isinstance(outcome.ended, ExecutionContinued):
            self._continue(instance, outcome, outcome.ended)
        else:
            self._instances.end(instance, outcome.ended)

    def _append(
        self,
        instance: Instance,
        commit: EpisodeCommit,
        outcome: Outcome,
        finished: list[Activity],
    ) -> None:
        instance.history.extend(outcome.events)
        for message in commit.consumed:
            instance.inbox.pop(message, None)
        for activity in finished:
            self._activities.take_out(activity)
        for event in outcome.events:
            if isinstance(event, TimerFired):
                instance.timers.pop(event.number, None)
        if not isinstance(outcome.custom_status, Unchanged):
            instance.custom_status = outcome.custom_status
        instance.progress = RuntimeStatus.RUNNING
        instance.idle = outcome.idle
        instance.in_hand = False
        instance.lost = 0
        instance.blocked = None
        instance.tried.clear()
        instance.updated_at = self._store.now

    def _finished(self, instance: Instance, commit: EpisodeCommit, session: str) -> list[Activity]:
        """The activities that an episode was woken with directly. Each must still be this
        session's: if another one runs it, there may come to be two results."""
        try:
            finished = [self._activities.attempt(lease, session) for lease in commit.finished]
            for activity in finished:
                if instance.activities.get(activity.command.number) is not activity:
                    raise refusals.report_refused(activity.lease)
            if finished and self._has_missed_news(instance, commit):
                raise refusals.news_missed(commit.lease)
            return finished
        except LeaseLostError:
            self.release(instance)
            raise

    def _has_missed_news(self, instance: Instance, commit: EpisodeCommit) -> bool:
        """Whether something was accepted before this batch that the episode does not know of."""
        return any(
            news.at < self._store.now and message not in commit.consumed
            for message, news in instance.inbox.items()
        )

    def _fail_for_length(self, instance: Instance, length: int) -> None:
        error = refusals.history_limit(instance.id, length)
        failure = refusals.failure_from(error, instance_id=instance.id)
        self._instances.stop(instance, ExecutionFailed(failure=failure))
        raise error

    def _continue(self, instance: Instance, outcome: Outcome, ended: ExecutionContinued) -> None:
        inbox = [news.event for news in instance.inbox.values()]
        self._instances.leave(instance)
        self._instances.end_children(instance, ended)
        version = self._store.version_of(ended.request)
        instance.started = started(ended.request, version, self._store.now)
        instance.history = [instance.started]
        instance.start_at = None
        instance.custom_status = None
        for event in news_of_next(outcome, inbox):
            self._store.notify(instance, event)
        self._store.schedule(instance)

    # ---- commands ----------------------------------------------------------------------------

    def carry_out(self, command: Command, instance: Instance) -> None:
        """The instance is live."""
        match command:
            case StartTimer(number=number, due=due):
                instance.timers[number] = due
            case CancelTimer(number=number):
                instance.timers.pop(number, None)
            case ScheduleActivity():
                self._activities.schedule(command, instance)
            case CancelActivity(number=number, wait=wait):
                activity = instance.activities.get(number)
                if activity is not None:  # else it has ended
                    self._activities.cancel(activity, "wait" if wait else "now")
            case StartChild() | CancelChild() | StartInstance():
                self._carry_out_start(command, instance)
            case AwaitInstance() | CancelInstanceWait():
                self._carry_out_wait(command, instance)
            case SendEvent() | SendCancel() | AnswerRequest() | SignalEntity():
                self._carry_out_message(command, instance)
            case CallEntity() | CancelEntityCall() | RequestLock() | ReleaseLock():
                self._carry_out_call(command, instance)
            case AwaitEvent() | CancelEventWait() | RecordSideEffect() | MarkPatch():
                pass  # they concern history alone
            case _:
                assert_never(command)

    def _carry_out_start(
        self, command: StartChild | CancelChild | StartInstance, instance: Instance
    ) -> None:
        if isinstance(command, CancelChild):
            child = self._store.child(instance.caller(command.number), command.instance_id)
            if child is not None:
                child.is_awaited = False
                self._instances.cancel(child, refusals.await_cancelled(instance.id))
            return
        try:
            self._instances.create(command.request)
        except DurableError as error:
            self._fail_call(instance, command.number, error)
            return
        if isinstance(command, StartChild):
            instance.children[command.number] = command.request.instance_id
        else:
            self._store.notify(instance, CallCompleted(number=command.number))

    def _carry_out_wait(
        self, command: AwaitInstance | CancelInstanceWait, instance: Instance
    ) -> None:
        number = command.number
        awaited = self._store.instances.get(command.instance_id)
        if isinstance(command, CancelInstanceWait):
            if instance.waits.pop(number, None) is not None and awaited is not None:
                awaited.waiters.remove(instance.caller(number))
        elif awaited is None:
            error = refusals.not_found(command.instance_id, self._store.namespace)
            self._fail_call(instance, number, error)
        elif awaited.has_ended:
            ended = awaited.history[-1]
            assert isinstance(ended, Ended)
            self._store.notify(instance, answer_to(number, awaited.id, ended))
        else:
            awaited.waiters.append(instance.caller(number))
            instance.waits[number] = awaited.id

    def _carry_out_message(
        self, command: SendEvent | SendCancel | AnswerRequest | SignalEntity, instance: Instance
    ) -> None:
        sender = f"instance {instance.id!r}"
        match command:
            case SendEvent(instance_id=instance_id, name=name, data=data):
                event = RaiseEvent(instance_id=instance_id, name=name, data=data)
                self._instances.tell(event, sender)
            case SendCancel(instance_id=instance_id, reason=reason):
                self._instances.tell(Cancel(instance_id=instance_id, reason=reason), sender)
            case AnswerRequest(request_id=request_id, result=result, reason=reason):
                self._answers.keep(instance, request_id, Answer(result, reason))
            case SignalEntity(entity=entity, operation=operation, input=input, due=due):
                self._entities.signal(entity, operation, input, due)
            case _:
                assert_never(command)

    def _carry_out_call(
        self, command: CallEntity | CancelEntityCall | RequestLock | ReleaseLock, instance: Instance
    ) -> None:
        number = command.number
        match command:
            case CallEntity(entity=entity, operation=name, input=input, lock=lock):
                within = None if lock is None else instance.caller(lock)
                caller = instance.caller(number)
                operation = self._entities.call(entity, name, input, caller, within)
                instance.calls[number] = entity, operation
            case CancelEntityCall():
                call = instance.calls.pop(number, None)
                if call is not None:  # else it has been answered
                    self._entities.take_back(*call)
            case RequestLock(entities=entities):
                self._entities.request_lock(instance, number, entities)
            case ReleaseLock():
                request = instance.locks.pop(number, None)
                if request is not None:
                    self._entities.release(request)
            case _:
                assert_never(command)

    def _fail_call(self, instance: Instance, number: int, error: DurableError) -> None:
        failure = refusals.failure_from(error, instance_id=None)  # raised where it is awaited
        self._store.notify(instance, CallFailed(number=number, failure=failure))


def _warn_of_length(instance: Instance, length: int) -> None:
    if len(instance.history) < HISTORY_WARNING <= length:
        logger.warning("%s", refusals.long_history(instance.id, length))
