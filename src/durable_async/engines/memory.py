"""The reference engine: a store in memory, written to be read first.

Invariant: after every commit, each live instance is in exactly one of these states: in hand (its
session was given all its news and has not answered yet), on the agenda (it has news now, or will
at a known time), parked (BLOCKED), or idle (nothing to do until a message or a result comes in).

An engine of another kind may store what it likes; what it answers to a batch must be what this
one answers. `durable_async.testing.conformance` compares them.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Generic, Literal, Protocol, TypeVar, assert_never

import attrs

from durable_async.engines import refusals
from durable_async.engines.clock import SteadyClock, SystemClock, microseconds
from durable_async.engines.limits import (
    DEFAULT_LEASE,
    HISTORY_LIMIT,
    HISTORY_WARNING,
    RENEWALS_PER_LEASE,
)
from durable_async.engines.news import in_order
from durable_async.engines.pages import Position
from durable_async.errors import DurableError, LeaseLostError
from durable_async.model.commands import (
    AwaitEvent,
    CancelActivity,
    CancelEventWait,
    CancelTimer,
    Command,
    RecordSideEffect,
    ScheduleActivity,
    StartTimer,
)
from durable_async.model.failure import Failure
from durable_async.model.history import (
    FORMAT,
    ActivityCancelled,
    ActivityCompleted,
    ActivityFailed,
    Delivered,
    Ended,
    EventReceived,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    ExecutionTerminated,
    HistoryEvent,
    TimerFired,
)
from durable_async.model.options import LOST_WORKER_LIMIT, ActivityOptions
from durable_async.model.outcome import Blocked, Outcome, Unchanged
from durable_async.model.payload import Payload
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    ActivityLease,
    ActivityRecord,
    ActivityReport,
    ActivityTask,
    AttemptCancelled,
    AttemptFailed,
    AttemptReleased,
    AttemptSucceeded,
    Batch,
    Claim,
    Claimed,
    Created,
    CreateInstance,
    EpisodeCommit,
    Heartbeat,
    InstanceQuery,
    InstanceRecord,
    Lease,
    Message,
    News,
    Page,
    RaiseEvent,
    Receipt,
    Terminate,
)
from durable_async.ports import Clock

__all__ = ["MemoryEngine"]

_logger: Final = logging.getLogger("durable_async.engines")

R = TypeVar("R")
T = TypeVar("T", bound="Ticketed")

NO_TICKET: Final = -1


class Ticketed(Protocol):
    """What can stand in an Agenda."""

    ticket: int


Cancelling = Literal["now", "wait", "ended"]
"""Why a running attempt is to stop: its code cancelled it and went on; its code cancelled it and
waits for it; its execution has ended."""


# ---- what is stored ------------------------------------------------------------------------


@attrs.define(eq=False, kw_only=True)
class Instance:
    """tried: fingerprints of the definitions it was blocked under. parked: BLOCKED, and not yet
    given to other definitions. ticket: names its valid entry in the agenda."""

    started: ExecutionStarted
    number: int
    start_at: datetime | None
    status: RuntimeStatus = RuntimeStatus.PENDING
    history: list[HistoryEvent] = attrs.field(factory=list)
    inbox: dict[int, News] = attrs.field(factory=dict)
    timers: dict[int, datetime] = attrs.field(factory=dict)
    activities: dict[int, Activity] = attrs.field(factory=dict)
    keys: set[str] = attrs.field(factory=set)
    custom_status: Payload | None = None
    updated_at: datetime
    completed_at: datetime | None = None
    idle: bool = False
    blocked: str | None = None
    tried: set[str] = attrs.field(factory=set)
    parked: bool = False
    owner: str | None = None
    epoch: int = 0
    in_hand: bool = False
    ticket: int = NO_TICKET

    @property
    def id(self) -> str:
        return self.started.instance_id

    @property
    def kind(self) -> tuple[str, str | None]:
        return self.started.name, self.started.version

    @property
    def lease(self) -> Lease:
        return Lease(self.id, self.started.execution_id, self.epoch)

    def due(self, now: datetime) -> datetime | None:
        """When there is something to do; None if nobody can know."""
        if self.status.has_ended or self.parked or self.in_hand:
            return None
        if self.status is RuntimeStatus.PENDING:
            return self.start_at or now
        if self.status is RuntimeStatus.BLOCKED or self.inbox:
            return now
        return min(self.timers.values(), default=None)

    def due_timers(self, now: datetime) -> list[tuple[datetime, int]]:
        return [(due, number) for number, due in self.timers.items() if due <= now]


@attrs.define(eq=False, kw_only=True)
class Activity:
    """due: when the next attempt may begin; it means nothing while one runs (owner is set)."""

    instance: Instance
    command: ScheduleActivity
    options: ActivityOptions
    scheduled_at: datetime
    due: datetime
    attempt: int = 1
    lost: int = 0
    owner: str | None = None
    epoch: int = 0
    cancelling: Cancelling | None = None
    heartbeat: Payload | None = None
    last_failure: Failure | None = None
    ticket: int = NO_TICKET

    @property
    def lease(self) -> ActivityLease:
        started = self.instance.started
        return ActivityLease(
            started.instance_id, started.execution_id, self.command.number, self.epoch
        )


@attrs.define(eq=False)
class Session:
    """renewed_at: its last commit. expired: it was silent too long, and was freed of what it held.
    fingerprint: of its last claim. to_tell: attempts that it runs, and is to stop."""

    renewed_at: datetime
    expired: bool = False
    fingerprint: str = ""
    to_tell: list[Activity] = attrs.field(factory=list)


@attrs.define(eq=False)
class Work:
    """What one commit hands out, and what it ended."""

    claimed: list[Claimed] = attrs.field(factory=list)
    tasks: list[ActivityTask] = attrs.field(factory=list)
    ended: list[str] = attrs.field(factory=list)


class Agenda(Generic[T]):
    """Things by when they are due. Each has one valid entry, which its `ticket` names.

    What is due, and was not taken, waits in order until somebody takes it.
    """

    def __init__(self) -> None:
        self._coming: list[tuple[datetime, int, T]] = []
        self._waiting: dict[int, T] = {}
        self._tickets = itertools.count()

    def put(self, thing: T, due: datetime) -> None:
        thing.ticket = next(self._tickets)
        heapq.heappush(self._coming, (due, thing.ticket, thing))

    def drop(self, thing: T) -> None:
        thing.ticket = NO_TICKET

    def due(self, now: datetime) -> Iterator[T]:
        """In order. Whoever takes one puts it anew, or drops it."""
        while self._coming and self._coming[0][0] <= now:
            _, ticket, thing = heapq.heappop(self._coming)
            self._waiting[ticket] = thing
        for ticket, thing in list(self._waiting.items()):
            if thing.ticket == ticket:
                yield thing
            if thing.ticket != ticket:
                del self._waiting[ticket]

    def next_due(self, admits: Callable[[T], bool]) -> datetime | None:
        """When the first one that is admitted will be due, of those that `due` has not shown."""
        coming = self._coming
        while coming and coming[0][2].ticket != coming[0][1]:
            heapq.heappop(coming)
        if not coming or admits(coming[0][2]):
            return coming[0][0] if coming else None
        dues = (due for due, ticket, each in coming if each.ticket == ticket and admits(each))
        return min(dues, default=None)


# ---- the engine ----------------------------------------------------------------------------


class MemoryEngine:
    """Keeps the rules of `ports.Engine`; only, a store in memory ends with its process.

    clock: the computer's, unless a test brings its own. lease: seconds without a commit after
    which a session may be taken over.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        namespace: str = "default",
        lease: float = DEFAULT_LEASE,
    ) -> None:
        self._clock = SteadyClock(clock or SystemClock())
        self._namespace = namespace
        self._lease = timedelta(seconds=lease)
        self._instances: dict[str, Instance] = {}
        self._parked: dict[str, Instance] = {}
        self._running: dict[ActivityLease, Activity] = {}
        self._sessions: dict[str, Session] = {}
        self._agenda: Agenda[Instance] = Agenda()
        self._queue: Agenda[Activity] = Agenda()
        self._numbers = itertools.count(1)
        self._newest = self._clock.now()
        self._changed = False

    def open(self) -> None:
        """A store in memory is always ready."""

    def close(self) -> None:
        """It keeps what it has, and may be opened again."""

    @property
    def renew_every(self) -> float:
        return self._lease.total_seconds() / RENEWALS_PER_LEASE

    def now(self) -> datetime:
        return self._clock.now()

    def changed(self) -> bool:
        changed, self._changed = self._changed, False
        return changed

    def commit(self, batch: Batch, /) -> Receipt:
        now = self._now()
        session = self._renew(batch, now)
        self._free_the_expired(now)
        work = Work()
        who = batch.session or ""
        created = [_answer(self._create, each, now) for each in batch.creates]
        sent = [_answer(self._send, each, now, work) for each in batch.messages]
        episodes = [_answer(self._commit_episode, each, who, now, work) for each in batch.episodes]
        reports = [_answer(self._report, each, who, now) for each in batch.reports]
        heartbeats = [_answer(self._beat, each, who) for each in batch.heartbeats]
        for lease in batch.releases:
            self._give_back(lease, who, now)
        next_due = None if batch.claim is None else self._claim(batch.claim, who, now, work)
        return Receipt(
            created=tuple(created),
            sent=tuple(sent),
            episodes=tuple(episodes),
            reports=tuple(reports),
            heartbeats=tuple(heartbeats),
            claimed=tuple(work.claimed),
            activities=tuple(work.tasks),
            cancelled=_take_told(session),
            ended=tuple(work.ended),
            next_due=next_due,
            now=now,
        )

    # ---- what clients ask --------------------------------------------------------------------

    def _create(self, request: CreateInstance, now: datetime) -> Created:
        tags = request.tags
        refusals.require_text(
            request.instance_id, request.name, request.version, *tags, *tags.values()
        )
        there = self._instances.get(request.instance_id)
        if there is not None:
            if request.if_exists == "attach":
                return _attach(request, there)
            if request.if_exists == "raise" or not there.status.has_ended:
                raise refusals.already_exists(request, there.started.name, there.status)
        instance = _new_instance(request, next(self._numbers), now)
        self._instances[instance.id] = instance
        self._schedule(instance, now)
        return Created(instance_id=instance.id, execution_id=request.execution_id, fresh=True)

    def _send(self, message: Message, now: datetime, work: Work) -> None:
        instance = self._instances.get(message.instance_id)
        if instance is None:
            raise refusals.not_found(message.instance_id, self._namespace)
        if isinstance(message, RaiseEvent) and message.key in instance.keys:
            return  # it was raised before; the instance may have ended since
        if instance.status.has_ended:
            raise refusals.finished(instance.id, instance.status, instance.completed_at)
        match message:
            case RaiseEvent():
                self._raise_event(instance, message, now)
            case Terminate(reason=reason):
                ended = ExecutionTerminated(reason=reason, at=now)
                instance.history.append(ended)
                self._finish(instance, ended, now, work)
            case _:
                assert_never(message)

    def _raise_event(self, instance: Instance, message: RaiseEvent, now: datetime) -> None:
        refusals.require_text(message.name, message.key)
        if message.key is not None:
            instance.keys.add(message.key)
        event = EventReceived(name=message.name, data=message.data, key=message.key)
        self._notify(instance, event, now)

    def _notify(self, instance: Instance, event: Delivered, now: datetime) -> None:
        message = next(self._numbers)
        instance.inbox[message] = News(event=event, at=now, message=message)
        self._schedule(instance, now)

    # ---- episodes ----------------------------------------------------------------------------

    def _commit_episode(
        self, commit: EpisodeCommit, session: str, now: datetime, work: Work
    ) -> None:
        instance = self._held(commit.lease, session)
        if commit.length != len(instance.history):
            self._release(instance, now)
            raise refusals.length_differs(commit.lease, commit.length, len(instance.history))
        match commit.result:
            case Blocked(reason=reason, message=message):
                self._block(instance, f"{reason}: {message}", session, now)
            case Outcome() as outcome:
                self._apply(instance, commit, outcome, session, now, work)
            case _:
                assert_never(commit.result)

    def _block(self, instance: Instance, why: str, session: str, now: datetime) -> None:
        """Nothing of the episode is kept. What it was woken with in memory is still to be
        reported by its session."""
        instance.status = RuntimeStatus.BLOCKED
        instance.blocked = why
        instance.tried.add(self._sessions[session].fingerprint)
        instance.parked = True
        instance.updated_at = now
        self._parked[instance.id] = instance
        self._release(instance, now)

    def _apply(
        self,
        instance: Instance,
        commit: EpisodeCommit,
        outcome: Outcome,
        session: str,
        now: datetime,
        work: Work,
    ) -> None:
        finished = self._finished(instance, commit, session, now)
        length = len(instance.history) + len(outcome.events)
        if length > HISTORY_LIMIT and outcome.ended is None:
            self._fail_for_length(instance, length, now, work)
        _warn_of_length(instance, length)
        instance.history.extend(outcome.events)
        for message in commit.consumed:
            instance.inbox.pop(message, None)
        for activity in finished:
            self._take_out(activity)
        for event in outcome.events:
            if isinstance(event, TimerFired):
                instance.timers.pop(event.number, None)
        for command in outcome.commands:
            self._carry_out(command, instance, now)
        if not isinstance(outcome.custom_status, Unchanged):
            instance.custom_status = outcome.custom_status
        instance.idle = outcome.idle
        instance.in_hand = False
        instance.updated_at = now
        if outcome.ended is not None:
            self._finish(instance, outcome.ended, now, work)
        else:
            instance.status = RuntimeStatus.RUNNING
            instance.tried.clear()
            instance.blocked = None
            self._schedule(instance, now)

    def _finished(
        self, instance: Instance, commit: EpisodeCommit, session: str, now: datetime
    ) -> list[Activity]:
        """The activities that an episode was woken with directly. Each must still be this
        session's: if another one runs it, there may come to be two results."""
        try:
            finished = [self._attempt(lease, session) for lease in commit.finished]
            for activity in finished:
                if activity.instance is not instance:
                    raise refusals.report_refused(activity.lease)
            return finished
        except LeaseLostError:
            self._release(instance, now)
            raise

    def _fail_for_length(self, instance: Instance, length: int, now: datetime, work: Work) -> None:
        error = refusals.history_limit(instance.id, length)
        ended = ExecutionFailed(failure=refusals.failure_from(error, instance_id=instance.id))
        instance.history.append(ended)
        self._finish(instance, ended, now, work)
        raise error

    def _carry_out(self, command: Command, instance: Instance, now: datetime) -> None:
        match command:
            case StartTimer(number=number, due=due):
                instance.timers[number] = due
            case CancelTimer(number=number):
                instance.timers.pop(number, None)
            case ScheduleActivity():
                self._schedule_activity(command, instance, now)
            case CancelActivity(number=number, wait=wait):
                self._cancel(instance.activities.get(number), "wait" if wait else "now", now)
            case AwaitEvent() | CancelEventWait() | RecordSideEffect():
                pass  # they concern history alone
            case _:
                assert_never(command)

    def _finish(self, instance: Instance, ended: Ended, now: datetime, work: Work) -> None:
        """The execution is over: nothing of it may happen any more."""
        instance.status = _status_after(ended)
        instance.updated_at = instance.completed_at = now
        instance.blocked = None
        instance.idle = False
        instance.timers.clear()
        instance.inbox.clear()
        for activity in list(instance.activities.values()):
            self._cancel(activity, "ended", now)
        # A new epoch fences whoever runs an episode of it right now.
        instance.epoch += 1
        instance.parked = False
        self._parked.pop(instance.id, None)
        self._release(instance, now)
        work.ended.append(instance.id)

    # ---- activities --------------------------------------------------------------------------

    def _schedule_activity(
        self, command: ScheduleActivity, instance: Instance, now: datetime
    ) -> None:
        activity = Activity(
            instance=instance,
            command=command,
            options=command.options or ActivityOptions(),
            scheduled_at=now,
            due=now,
        )
        instance.activities[command.number] = activity
        self._queue.put(activity, now)

    def _enqueue(self, activity: Activity, due: datetime) -> None:
        """The attempt that ran is over; one more may begin."""
        self._running.pop(activity.lease, None)
        activity.owner = None
        activity.due = due
        self._queue.put(activity, due)

    def _cancel(self, activity: Activity | None, why: Cancelling, now: datetime) -> None:
        if activity is None:  # it has ended
            return
        if activity.owner is None:
            activity.cancelling = why
            self._end_cancelled(activity, now)
        elif activity.cancelling != why:
            if activity.cancelling is None:
                self._sessions[activity.owner].to_tell.append(activity)
            activity.cancelling = why

    def _report(self, report: ActivityReport, session: str, now: datetime) -> None:
        activity = self._attempt(report.lease, session)
        if activity.cancelling is not None:
            # As in asyncio: once it was cancelled, it comes to nothing.
            self._end_cancelled(activity, now)
            return
        number = report.lease.number
        match report.end:
            case AttemptSucceeded(result):
                self._end(activity, ActivityCompleted(number=number, result=result), now)
            case AttemptFailed(failure, retry_after):
                due = _next_attempt(activity, retry_after, now)
                if due is None:
                    self._end(activity, ActivityFailed(number=number, failure=failure), now)
                else:
                    activity.attempt += 1
                    activity.last_failure = failure
                    self._enqueue(activity, due)
            case AttemptReleased():
                self._enqueue(activity, now)
            case AttemptCancelled():
                # Nobody asked for that; whoever stopped it, its code must not wait for ever.
                self._end(activity, ActivityCancelled(number=number), now)
            case _:
                assert_never(report.end)

    def _end(self, activity: Activity, event: Delivered, now: datetime) -> None:
        self._take_out(activity)
        self._notify(activity.instance, event, now)

    def _end_cancelled(self, activity: Activity, now: datetime) -> None:
        self._take_out(activity)
        if activity.cancelling == "wait":
            number = activity.command.number
            self._notify(activity.instance, ActivityCancelled(number=number), now)

    def _take_out(self, activity: Activity) -> None:
        self._running.pop(activity.lease, None)
        self._queue.drop(activity)
        activity.owner = None
        del activity.instance.activities[activity.command.number]

    def _beat(self, heartbeat: Heartbeat, session: str) -> bool:
        activity = self._attempt(heartbeat.lease, session)
        if heartbeat.details is not None:
            activity.heartbeat = heartbeat.details
        return activity.cancelling is not None

    def _attempt(self, lease: ActivityLease, session: str) -> Activity:
        activity = self._running.get(lease)
        if activity is None or activity.owner != session:
            raise refusals.report_refused(lease)
        return activity

    # ---- leases ------------------------------------------------------------------------------

    def _held(self, lease: Lease, session: str) -> Instance:
        instance = self._instances.get(lease.instance_id)
        if instance is None or instance.owner != session or instance.lease != lease:
            raise refusals.lease_lost(lease)
        return instance

    def _give_back(self, lease: Lease, session: str, now: datetime) -> None:
        try:
            self._release(self._held(lease, session), now)
        except LeaseLostError:
            _logger.debug("not given back, as it was lost before: %s", lease)

    def _release(self, instance: Instance, now: datetime) -> None:
        instance.owner = None
        instance.in_hand = False
        self._schedule(instance, now)

    def _schedule(self, instance: Instance, now: datetime) -> None:
        due = instance.due(now)
        if due is None:
            self._agenda.drop(instance)
        else:
            self._agenda.put(instance, due)

    # ---- claims ------------------------------------------------------------------------------

    def _claim(self, claim: Claim, session: str, now: datetime, work: Work) -> datetime | None:
        """Hand out what is due. Returns when this session could take something next."""
        dues = [self._claim_instances(claim, session, now, work)]
        if claim.max_activities:
            dues.append(self._claim_activities(claim, session, now, work))
        return min((due for due in dues if due is not None), default=None)

    def _claim_instances(
        self, claim: Claim, session: str, now: datetime, work: Work
    ) -> datetime | None:
        admits = functools.partial(_admits_instance, claim, session)
        for instance in itertools.chain(self._agenda.due(now), self._unparked(claim)):
            if not admits(instance):
                continue
            if len(work.claimed) == claim.max_instances:
                return now
            work.claimed.append(self._hand_out(instance, session, now))
        return self._agenda.next_due(admits)

    def _unparked(self, claim: Claim) -> list[Instance]:
        """Blocked instances that these definitions have not been tried on."""
        return [each for each in self._parked.values() if claim.fingerprint not in each.tried]

    def _hand_out(self, instance: Instance, session: str, now: datetime) -> Claimed:
        history: tuple[HistoryEvent, ...] | None = None
        if instance.owner != session:
            instance.owner = session
            instance.epoch += 1
            history = tuple(instance.history)
        instance.in_hand = True
        instance.parked = False
        self._parked.pop(instance.id, None)
        self._agenda.drop(instance)
        news = in_order(instance.inbox.values(), instance.due_timers(now))
        return Claimed(lease=instance.lease, history=history, news=news)

    def _claim_activities(
        self, claim: Claim, session: str, now: datetime, work: Work
    ) -> datetime | None:
        admits = functools.partial(_admits_activity, claim)
        for activity in self._queue.due(now):
            if not admits(activity):
                continue
            if len(work.tasks) == claim.max_activities:
                return None
            work.tasks.append(self._begin(activity, session))
        return self._queue.next_due(admits)

    def _begin(self, activity: Activity, session: str) -> ActivityTask:
        self._queue.drop(activity)
        activity.owner = session
        activity.epoch += 1
        self._running[activity.lease] = activity
        return ActivityTask(
            lease=activity.lease,
            name=activity.command.name,
            input=activity.command.input,
            options=activity.options,
            attempt=activity.attempt,
            scheduled_at=activity.scheduled_at,
            heartbeat=activity.heartbeat,
        )

    # ---- sessions and time -------------------------------------------------------------------

    def open_session(self, identity: str) -> str:
        session = f"{next(self._numbers)}"
        self._sessions[session] = Session(self._now())
        return session

    def close_session(self, session: str) -> None:
        self._end_session(session, lost=False)

    def lose_session(self, session: str) -> None:
        """As if the session's process had been killed: what it holds is free at once, and was
        lost. For tests."""
        self._end_session(session, lost=True)

    def _end_session(self, session: str, *, lost: bool) -> None:
        if session in self._sessions:
            self._free(session, self._now(), lost=lost)
            del self._sessions[session]
            self._changed = True

    def _renew(self, batch: Batch, now: datetime) -> Session | None:
        if batch.session is None:
            return None
        session = self._sessions.get(batch.session)
        if session is None:
            raise refusals.not_open(batch.session)
        session.renewed_at = now
        session.expired = False
        if batch.claim is not None:
            session.fingerprint = batch.claim.fingerprint
        return session

    def _free_the_expired(self, now: datetime) -> None:
        """A session that comes back after that has lost what it held, and may go on."""
        for name, session in self._sessions.items():
            if not session.expired and session.renewed_at + self._lease < now:
                session.expired = True
                self._free(name, now, lost=True)

    def _free(self, session: str, now: datetime, *, lost: bool) -> None:
        """Take from a session what it holds. lost: its process died with it."""
        for instance in self._instances.values():
            if instance.owner == session:
                self._release(instance, now)
        for activity in [each for each in self._running.values() if each.owner == session]:
            activity.lost += lost
            if activity.cancelling is not None:
                self._end_cancelled(activity, now)
            elif lost and _is_given_up(activity):
                self._end(activity, _worker_lost(activity), now)
            else:
                self._enqueue(activity, now)

    def _now(self) -> datetime:
        now = self._clock.now()
        if now < self._newest:
            self._follow_back(now, self._newest - now)
        self._newest = now
        return now

    def _follow_back(self, now: datetime, step: timedelta) -> None:
        """The clock was far ahead, and has been set right: what was due by it must not wait
        until then. Timers stay as they are: they name a time."""
        for session in self._sessions.values():
            session.renewed_at = min(session.renewed_at, now)
        for instance in self._instances.values():
            self._schedule(instance, now)
            for activity in instance.activities.values():
                if activity.owner is None and activity.due > now:
                    activity.due -= step
                    self._queue.put(activity, activity.due)

    # ---- reading -----------------------------------------------------------------------------

    def records(self, instance_ids: Sequence[str], /) -> tuple[InstanceRecord | None, ...]:
        found = [self._instances.get(each) for each in instance_ids]
        return tuple([None if each is None else _record(each) for each in found])

    def history(self, instance_id: str, /) -> tuple[HistoryEvent, ...]:
        instance = self._instances.get(instance_id)
        if instance is None:
            raise refusals.not_found(instance_id, self._namespace)
        return tuple(instance.history)

    def page(self, query: InstanceQuery, /) -> Page:
        found = sorted(self._matching(query), key=_position, reverse=True)
        if query.after is not None:
            after = Position.parse(query.after)
            found = [each for each in found if _position(each) < after]
        page = found[: query.limit]
        more = len(found) > len(page) and bool(page)
        return Page(
            tuple([_record(each) for each in page]),
            str(_position(page[-1])) if more else None,
        )

    def count(self, query: InstanceQuery, /) -> int:
        return sum(1 for _ in self._matching(query))

    def _matching(self, query: InstanceQuery) -> Iterator[Instance]:
        return (each for each in self._instances.values() if _matches(query, each))


# ---- what needs no engine ------------------------------------------------------------------


def _answer(act: Callable[..., R], *arguments: object) -> R | DurableError:
    """A part of a batch that is refused does not keep the others from being done."""
    try:
        return act(*arguments)
    except DurableError as error:
        return error


def _attach(request: CreateInstance, there: Instance) -> Created:
    if request.name != there.started.name:
        raise refusals.other_name(request, there.started.name)
    return Created(instance_id=there.id, execution_id=there.started.execution_id, fresh=False)


def _new_instance(request: CreateInstance, number: int, now: datetime) -> Instance:
    started = ExecutionStarted(
        format=FORMAT,
        instance_id=request.instance_id,
        execution_id=request.execution_id,
        name=request.name,
        version=request.version,
        input=request.input,
        parent_id=request.parent_id,
        tags=request.tags,
        at=now,
    )
    return Instance(
        started=started,
        number=number,
        start_at=request.start_at,
        history=[started],
        updated_at=now,
    )


def _take_told(session: Session | None) -> tuple[ActivityLease, ...]:
    if session is None:
        return ()
    told, session.to_tell = session.to_tell, []
    # What has ended meanwhile is not news.
    return tuple([each.lease for each in told if each.owner is not None])


def _admits_instance(claim: Claim, session: str, instance: Instance) -> bool:
    return (
        instance.owner in (None, session)
        and instance.kind in claim.orchestrators
        and (claim.only is None or instance.id in claim.only)
    )


def _admits_activity(claim: Claim, activity: Activity) -> bool:
    return (
        activity.command.name in claim.activities
        and activity.options.queue in claim.queues
        and (claim.only is None or activity.instance.id in claim.only)
    )


def _next_attempt(activity: Activity, retry_after: float | None, now: datetime) -> datetime | None:
    if retry_after is None:
        return None
    due = now + timedelta(seconds=retry_after)
    rule = activity.options.retry
    if rule is not None and rule.timeout is not None:
        last = activity.scheduled_at + timedelta(seconds=rule.timeout)
        return due if due <= last else None
    return due


def _is_given_up(activity: Activity) -> bool:
    return activity.lost >= LOST_WORKER_LIMIT or activity.options.on_lost == "fail"


def _worker_lost(activity: Activity) -> ActivityFailed:
    failure = refusals.worker_lost(
        activity.instance.id, activity.command.name, activity.attempt, activity.lost
    )
    return ActivityFailed(number=activity.command.number, failure=failure)


def _status_after(ended: Ended) -> RuntimeStatus:
    match ended:
        case ExecutionCompleted():
            return RuntimeStatus.COMPLETED
        case ExecutionFailed():
            return RuntimeStatus.FAILED
        case ExecutionTerminated():
            return RuntimeStatus.TERMINATED
        case _:
            assert_never(ended)


def _warn_of_length(instance: Instance, length: int) -> None:
    if len(instance.history) < HISTORY_WARNING <= length:
        _logger.warning("%s", refusals.long_history(instance.id, length))


def _record(instance: Instance) -> InstanceRecord:
    started, last = instance.started, instance.history[-1]
    return InstanceRecord(
        instance_id=instance.id,
        execution_id=started.execution_id,
        name=started.name,
        version=started.version,
        status=instance.status,
        custom_status=instance.custom_status,
        input=started.input,
        output=last.result if isinstance(last, ExecutionCompleted) else None,
        failure=last.failure if isinstance(last, ExecutionFailed) else None,
        created_at=started.at,
        updated_at=instance.updated_at,
        completed_at=instance.completed_at,
        parent_id=started.parent_id,
        tags=started.tags,
        history_length=len(instance.history),
        idle=instance.idle,
        blocked=instance.blocked,
        activities=tuple(
            [_activity_record(each) for _, each in sorted(instance.activities.items())]
            if not instance.status.has_ended
            else ()
        ),
    )


def _activity_record(activity: Activity) -> ActivityRecord:
    running = activity.owner is not None
    return ActivityRecord(
        number=activity.command.number,
        name=activity.command.name,
        attempt=activity.attempt,
        running=running,
        due_at=None if running else activity.due,
        last_failure=activity.last_failure,
    )


def _matches(query: InstanceQuery, instance: Instance) -> bool:
    started = instance.started
    return (
        (query.status is None or instance.status in query.status)
        and (query.name is None or started.name == query.name)
        and (query.id_prefix is None or instance.id.startswith(query.id_prefix))
        and query.tags.items() <= started.tags.items()
        and (query.created_after is None or started.at > query.created_after)
        and (query.created_before is None or started.at < query.created_before)
    )


def _position(instance: Instance) -> Position:
    return Position(microseconds(instance.started.at), instance.number)
