"""One batch, being written.

Invariant: a part is checked before anything of it is written, so that a part that is refused leaves
nothing behind. Rows are collected and written a kind at a time: many rows of one statement cost a
third of as many statements.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar, assert_never

from durable_async.engines import refusals
from durable_async.engines.clock import microseconds, moment
from durable_async.engines.limits import HISTORY_LIMIT, HISTORY_WARNING
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.database import Database, Row
from durable_async.engines.sqlite.holdings import Attempt, Held, Holdings
from durable_async.engines.sqlite.names import Names
from durable_async.engines.sqlite.rows import (
    activity_key,
    activity_number,
    activity_of,
    activity_range,
    activity_row,
    chunk_row,
    custom_status_row,
    failure_row,
    heartbeat_row,
    instance_of,
    message_row,
)
from durable_async.errors import (
    DurableError,
    InstanceFinishedError,
    LeaseLostError,
    StoreError,
)
from durable_async.model.commands import (
    CancelActivity,
    CancelTimer,
    ScheduleActivity,
    StartTimer,
)
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
    ActivityReport,
    ActivityTask,
    AttemptCancelled,
    AttemptFailed,
    AttemptReleased,
    AttemptSucceeded,
    Claim,
    Created,
    CreateInstance,
    EpisodeCommit,
    Heartbeat,
    Lease,
    Message,
    RaiseEvent,
    Terminate,
)

__all__ = [
    "NEVER",
    "NOBODY",
    "STATUSES",
    "Hints",
    "NewActivity",
    "NewInstance",
    "Transaction",
    "answer",
    "status_after",
]

_logger: Final = logging.getLogger("durable_async.engines")

R = TypeVar("R")

STATUSES: Final = (
    RuntimeStatus.PENDING,
    RuntimeStatus.RUNNING,
    RuntimeStatus.SUSPENDED,
    RuntimeStatus.BLOCKED,
    RuntimeStatus.COMPLETED,
    RuntimeStatus.FAILED,
    RuntimeStatus.CANCELLED,
    RuntimeStatus.TERMINATED,
)
"""By the number that stands for each in the file."""

NOT_CANCELLED, GOES_ON, WAITS, HAS_ENDED = range(4)
"""`cancelling` of an activity."""

_DEFAULT_OPTIONS: Final = ActivityOptions()

NOBODY: Final = 0
"""Of sessions: the number that none has."""

NEVER: Final = 1 << 62
"""A time that does not come."""

SLICE: Final = 5_000
"""Instances of one dead session that are freed in one commit: the others must not wait long."""


class NewInstance:
    """An instance that this batch created."""

    __slots__ = ("definition", "has_mail", "key", "ready_at", "started")

    def __init__(self, key: int, started: ExecutionStarted, definition: int, ready_at: int) -> None:
        self.key = key
        self.started = started
        self.definition = definition
        self.ready_at = ready_at
        self.has_mail = False


class NewActivity:
    """An activity that this batch scheduled, and that is not written yet: whether it is written
    as waiting or as running is decided last."""

    __slots__ = ("command", "key", "lease", "options")

    def __init__(
        self, key: int, lease: Lease, command: ScheduleActivity, options: ActivityOptions
    ) -> None:
        self.key = key
        self.lease = lease
        self.command = command
        self.options = options


class Hints:
    """When, at the earliest, a claim may find something that nobody holds. 0: anything may be
    there. A hint may be too early, never too late."""

    __slots__ = ("activities", "instances")

    def __init__(self) -> None:
        self.instances = 0
        self.activities = 0

    def forget(self) -> None:
        self.instances = self.activities = 0

    def instance_at(self, at: int) -> None:
        if at < self.instances:
            self.instances = at

    def activity_at(self, at: int) -> None:
        if at < self.activities:
            self.activities = at


class Transaction:
    """session: on whose behalf, or NOBODY. fingerprint: of that session's definitions. claim: what
    it would take on, if it claims.

    created: instances that went to the session when they were made. new_activities: not written
    yet. ended, to_stop: instances, and attempts, that this batch put an end to.
    """

    def __init__(
        self,
        database: Database,
        names: Names,
        holdings: Holdings,
        hints: Hints,
        *,
        namespace: str,
        now: int,
        session: int,
        fingerprint: str,
        claim: Claim | None,
    ) -> None:
        self._database = database
        self._names = names
        self._holdings = holdings
        self._hints = hints
        self._namespace = namespace
        self.now = self._now = now
        self._session = session
        self._fingerprint = fingerprint
        self._claim = claim
        self._moment = moment(now)
        self.ended: list[str] = []
        self.created: dict[str, NewInstance] = {}
        self.new_activities: list[NewActivity] = []
        self.to_stop: list[Attempt] = []
        # Rows that are not written yet, each list for one statement.
        self._chunks: list[Row] = []
        self._tags: list[Row] = []
        self._mail: list[Row] = []
        self._notified: dict[int, None] = {}
        self._consumed: list[Row] = []
        self._started_timers: list[Row] = []
        self._ended_timers: list[Row] = []
        self._ended_activities: list[Row] = []
        self._retries: list[Row] = []
        self._enqueued: list[Row] = []
        self._beats: list[Row] = []
        self._scheduled: list[Row] = []
        self._steps: list[Row] = []
        self._first_steps: list[Row] = []
        # What is looked at, and done, when those are written.
        self._cancels: list[tuple[Lease, int, int]] = []
        self._ends: list[tuple[Lease, Row]] = []
        self._stepped: set[int] = set()

    def write(self) -> None:
        """Write the rows that were collected. What reads the file must come after it."""
        many = self._database.executemany
        for sql, rows in (
            (queries.APPEND, self._chunks),
            (queries.ADD_TAG, self._tags),
            (queries.CONSUME, self._consumed),
            (queries.DELIVER, self._mail),
            (queries.END_TIMER, self._ended_timers),
            (queries.START_TIMER, self._started_timers),
            (queries.END_ACTIVITY, self._ended_activities),
            (queries.RETRY, self._retries),
            (queries.ENQUEUE, self._enqueued),
            (queries.BEAT, self._beats),
            (queries.SCHEDULE, self._scheduled),
            (queries.STEP, self._steps),
            (queries.FIRST_STEP, self._first_steps),
        ):
            if rows:
                many(sql, rows)
                rows.clear()
        self._stepped.clear()
        if self._notified:
            now = self._now
            many(queries.NOTIFY, [(now, now, key) for key in self._notified])
            self._notified.clear()
        if self._ends:
            self._write_ends()
        if self._cancels:
            self._write_cancels()

    # ---- what clients ask --------------------------------------------------------------------

    def create(self, request: CreateInstance) -> Created:
        definition = self._names.definition(request.name, request.version)
        started = _started(request, self._moment)
        # Encoded first: what cannot be stored is refused with nothing written.
        _, _, data, checksum = chunk_row(0, request.execution_id, 0, (started,))
        now = self._now
        ready_at = now if request.start_at is None else max(now, microseconds(request.start_at))
        takes = ready_at <= now and self._takes(request)
        lane, epoch = (self._session, 1) if takes else (-definition, 0)
        row = (
            self._names.namespace,
            request.instance_id,
            request.execution_id,
            definition,
            lane,
            epoch,
            ready_at,
            now,
            now,
        )
        cursor = self._database.execute(queries.CREATE, row)
        if cursor.rowcount != 1:
            attached = self._find_room(request)
            if attached is not None:
                return attached
            cursor = self._database.execute(queries.CREATE, row)
        key = cursor.lastrowid
        assert key is not None
        self._chunks.append((key, 0, data, checksum))
        self._tags += [(name, value, key) for name, value in request.tags.items()]
        new = NewInstance(key, started, definition, ready_at)
        if takes:
            lease = Lease(request.instance_id, request.execution_id, epoch)
            self._holdings.hold(key, lease, self._session, 1, queries.PENDING)
            self._holdings.hand(key)
            self.created[request.instance_id] = new
        else:
            self._hints.instance_at(ready_at)
        return Created(
            instance_id=request.instance_id, execution_id=request.execution_id, fresh=True
        )

    def _takes(self, request: CreateInstance) -> bool:
        """Whether an instance goes to the session right away. Not if others may have waited
        longer."""
        claim = self._claim
        return (
            claim is not None
            and self._session != NOBODY
            and self._hints.instances > self._now
            and len(self.created) < claim.max_instances
            and (request.name, request.version) in claim.orchestrators
            and (claim.only is None or request.instance_id in claim.only)
        )

    def _find_room(self, request: CreateInstance) -> Created | None:
        """The id is taken. Join who has it, or make room; None if there is room now."""
        row = self._find(request.instance_id)
        assert row is not None
        key, execution_id, definition, status = row[:4]
        name, _ = self._names.definition_of(definition) or ("?", None)
        if request.if_exists == "attach":
            if name != request.name:
                raise refusals.other_name(request, name)
            return Created(instance_id=request.instance_id, execution_id=execution_id, fresh=False)
        if request.if_exists == "raise" or not STATUSES[status].has_ended:
            raise refusals.already_exists(request, name, STATUSES[status])
        self.write()
        for sql in queries.DELETE_INSTANCE:
            self._database.execute(sql, (key,))
        return None

    def send(self, message: Message) -> None:
        held = self._holdings.find(message.instance_id)
        if held is not None:
            # Whoever holds a lease holds that of a live instance.
            key, lease, length = held.key, held.lease, held.length
            status = held.status
        else:
            try:
                key, lease, length, status = self._find_live(message.instance_id)
            except InstanceFinishedError:
                if self._was_raised(message):
                    return
                raise
        match message:
            case RaiseEvent():
                self._raise_event(key, message)
                if held is None and status == queries.RUNNING:
                    self._hints.instance_at(self._now)
            case Terminate(reason=reason):
                self.write()
                ended = ExecutionTerminated(reason=reason, at=self._moment)
                self._end(key, lease, length, ended, (ended,))
                self.write()
            case _:
                assert_never(message)

    def _was_raised(self, message: Message) -> bool:
        """An event of a key that the instance, which has ended since, has had."""
        if not isinstance(message, RaiseEvent) or message.key is None:
            return False
        row = self._find(message.instance_id)
        if row is None:
            return False
        try:
            return self._database.row(queries.HAS_KEY, (row[0], message.key)) is not None
        except UnicodeEncodeError:  # refused further on
            return False

    def _find_live(self, instance_id: str) -> tuple[int, Lease, int, int]:
        row = self._find(instance_id)
        if row is None:
            raise refusals.not_found(instance_id, self._namespace)
        key, execution_id, _, status, _, epoch, length, completed_at = row
        if STATUSES[status].has_ended:
            when = None if completed_at is None else moment(completed_at)
            raise refusals.finished(instance_id, STATUSES[status], when)
        return key, Lease(instance_id, execution_id, epoch), length, status

    def _find(self, instance_id: str) -> Row | None:
        try:
            return self._database.row(queries.FIND, (self._names.namespace, instance_id))
        except UnicodeEncodeError:  # no instance has such an id
            return None

    def _raise_event(self, key: int, message: RaiseEvent) -> None:
        event = EventReceived(name=message.name, data=message.data, key=message.key)
        row = message_row(key, self._now, event)
        if message.key is not None:
            cursor = self._database.execute(queries.ADD_KEY, (key, message.key))
            if cursor.rowcount != 1:  # it was raised before
                return
        self._mail.append(row)
        self._notified[key] = None
        new = self.created.get(message.instance_id)
        if new is not None:
            new.has_mail = True

    def _notify(self, key: int, event: Delivered) -> None:
        self._mail.append(message_row(key, self._now, event))
        self._notified[key] = None

    # ---- episodes ----------------------------------------------------------------------------

    def commit_episode(self, commit: EpisodeCommit) -> None:
        held = self._holdings.held(commit.lease, self._session)
        if commit.length != held.length:
            self._release(held)
            raise refusals.length_differs(commit.lease, commit.length, held.length)
        if held.key in self._stepped:  # a second episode of one instance: all in order
            self.queue_activities()
        match commit.result:
            case Outcome() as outcome:
                self._apply(held, commit, outcome)
            case Blocked(reason=reason, message=message):
                self._block(held, f"{reason}: {message}")
            case _:
                assert_never(commit.result)

    def _block(self, held: Held, why: str) -> None:
        """Nothing of the episode is kept. What it was woken with in memory is still to be
        reported by its session."""
        self.write()
        row = (why, self._fingerprint, self._now, held.key)
        self._database.execute(queries.BLOCK, row)
        self._database.execute(queries.TRIED, (held.key, self._fingerprint))
        self._holdings.drop(held)
        self._hints.instance_at(self._now)  # others may have other definitions

    def _apply(self, held: Held, commit: EpisodeCommit, outcome: Outcome) -> None:
        finished = self._finished(held, commit)
        events, ended = outcome.events, outcome.ended
        length = held.length + len(events)
        if length > HISTORY_LIMIT and ended is None:
            self._fail_for_length(held, length)
        if held.length < HISTORY_WARNING <= length:
            _logger.warning("%s", refusals.long_history(held.lease.instance_id, length))
        key = held.key
        if events and ended is None:
            execution_id = held.lease.execution_id
            self._chunks.append(chunk_row(key, execution_id, held.length, events))
        # From here on, nothing can be refused any more.
        self._stepped.add(key)
        for attempt in finished:
            self._ended_activities.append((attempt.key,))
            self._holdings.drop_attempt(attempt)
        if not isinstance(outcome.custom_status, Unchanged):
            self._set_custom_status(key, outcome.custom_status)
        if ended is not None:
            self._end(key, held.lease, held.length, ended, events)
            return
        self._consumed += [(message, key) for message in commit.consumed]
        for event in events:
            if type(event) is TimerFired:
                self._ended_timers.append((key, event.number))
        if outcome.commands:
            self._carry_out(held, outcome)
        step = (length, self._now, outcome.idle, self._now, key)
        if held.status == queries.RUNNING:
            self._steps.append(step)
        else:
            self._first_steps.append(step)
            if held.status == queries.BLOCKED:
                self._database.execute(queries.FORGET_TRIED, (key,))
        self._holdings.advance(held, length, queries.RUNNING)
        self._holdings.answer(key)

    def _finished(self, held: Held, commit: EpisodeCommit) -> Sequence[Attempt]:
        """The activities that an episode was woken with directly. Each must still be this
        session's: if another one runs it, there may come to be two results."""
        if not commit.finished:
            return ()
        try:
            attempts = [self._holdings.attempt(each, self._session) for each in commit.finished]
            for attempt in attempts:
                if instance_of(attempt.key) != held.key:
                    raise refusals.report_refused(attempt.task.lease)
        except LeaseLostError:
            self._release(held)
            raise
        return attempts

    def _fail_for_length(self, held: Held, length: int) -> None:
        instance_id = held.lease.instance_id
        error = refusals.history_limit(instance_id, length)
        ended = ExecutionFailed(failure=refusals.failure_from(error, instance_id=instance_id))
        self._end(held.key, held.lease, held.length, ended, (ended,))
        raise error

    def _set_custom_status(self, key: int, status: Payload | None) -> None:
        if status is None:
            self._database.execute(queries.CLEAR_CUSTOM_STATUS, (key,))
        else:
            row = (key, custom_status_row(key, status))
            self._database.execute(queries.SET_CUSTOM_STATUS, row)

    def _carry_out(self, held: Held, outcome: Outcome) -> None:
        """The rest of the commands concerns history alone."""
        key = held.key
        timers: dict[int, int] = {}
        activities: dict[int, NewActivity] = {}
        for command in outcome.commands:
            kind = type(command)  # a chain of `match` costs more than all else here
            if kind is ScheduleActivity:
                assert isinstance(command, ScheduleActivity)
                activities[command.number] = NewActivity(
                    activity_key(key, command.number),
                    held.lease,
                    command,
                    command.options or _DEFAULT_OPTIONS,
                )
            elif kind is StartTimer:
                assert isinstance(command, StartTimer)
                timers[command.number] = microseconds(command.due)
            elif kind is CancelTimer:
                if timers.pop(command.number, None) is None:
                    self._ended_timers.append((key, command.number))
            elif isinstance(command, CancelActivity):
                if activities.pop(command.number, None) is None:
                    why = WAITS if command.wait else GOES_ON
                    self._cancels.append((held.lease, activity_key(key, command.number), why))
                elif command.wait:
                    self._notify(key, ActivityCancelled(number=command.number))
        if timers:
            self._started_timers += [(key, number, due) for number, due in timers.items()]
        if activities:
            self.new_activities += activities.values()

    # ---- ends --------------------------------------------------------------------------------

    def _end(
        self, key: int, lease: Lease, length: int, ended: Ended, events: Sequence[HistoryEvent]
    ) -> None:
        """The execution is over: nothing of it may happen any more. The next epoch fences whoever
        runs an episode of it right now."""
        self._chunks.append(chunk_row(key, lease.execution_id, length, events))
        now, status = self._now, status_after(ended)
        self._ends.append((lease, (status, length + len(events), now, now, key)))
        held = self._holdings.find(lease.instance_id)
        if held is not None:
            self._holdings.drop(held)
        self.created.pop(lease.instance_id, None)
        if self.new_activities:
            self.new_activities = [each for each in self.new_activities if each.lease != lease]
        self.ended.append(lease.instance_id)

    def _write_ends(self) -> None:
        ends = self._ends.copy()
        self._ends.clear()
        many = self._database.executemany
        many(queries.END, [row for _, row in ends])
        keys = [row[-1:] for _, row in ends]
        many(queries.END_TIMERS, keys)
        many(queries.EMPTY_INBOX, keys)
        for lease, row in ends:
            for activity in self._database.rows(queries.ACTIVITY_KEYS, activity_range(row[-1])):
                self._cancel(lease, activity[0], HAS_ENDED)
        self.write()

    def _write_cancels(self) -> None:
        cancels = self._cancels.copy()
        self._cancels.clear()
        for lease, key, why in cancels:
            self._cancel(lease, key, why)
        self.write()

    def _cancel(self, lease: Lease, key: int, why: int) -> None:
        row = self._database.row(queries.LOOK_AT_ACTIVITY, (key,))
        if row is None:  # it has ended
            return
        lane, epoch, cancelling = row
        if lane <= 0:
            self._end_cancelled(key, why)
            return
        if cancelling == why:
            return
        self._database.execute(queries.ASK_TO_STOP, (why, self._now, key))
        number = activity_number(key)
        attempt = self._holdings.cancel(
            ActivityLease(lease.instance_id, lease.execution_id, number, epoch), why
        )
        if attempt is not None:
            self.to_stop.append(attempt)

    def _end_cancelled(self, key: int, why: int) -> None:
        self._ended_activities.append((key,))
        if why == WAITS:
            self._notify(instance_of(key), ActivityCancelled(number=activity_number(key)))

    # ---- activities --------------------------------------------------------------------------

    def report(self, report: ActivityReport) -> None:
        attempt = self._holdings.attempt(report.lease, self._session)
        key, number = attempt.key, report.lease.number
        if attempt.cancelling:
            # As in asyncio: once it was cancelled, it comes to nothing.
            self._end_cancelled(key, attempt.cancelling)
            self._holdings.drop_attempt(attempt)
            return
        match report.end:
            case AttemptSucceeded(result):
                self._end_activity(attempt, ActivityCompleted(number=number, result=result))
            case AttemptFailed(failure, retry_after):
                due = self._next_attempt(attempt.task, retry_after)
                if due is None:
                    self._end_activity(attempt, ActivityFailed(number=number, failure=failure))
                else:
                    self._retries.append((due, failure_row(key, failure), key))
                    self._hints.activity_at(due)
            case AttemptReleased():
                self._enqueued.append((self._now, 0, key))
                self._hints.activity_at(self._now)
            case AttemptCancelled():
                # Nobody asked for that; whoever stopped it, its code must not wait for ever.
                self._end_activity(attempt, ActivityCancelled(number=number))
            case _:
                assert_never(report.end)
        self._holdings.drop_attempt(attempt)

    def _end_activity(self, attempt: Attempt, event: Delivered) -> None:
        instance = instance_of(attempt.key)
        self._notify(instance, event)
        self._ended_activities.append((attempt.key,))
        if self._holdings.find(attempt.task.lease.instance_id) is None:
            self._hints.instance_at(self._now)

    def _next_attempt(self, task: ActivityTask, retry_after: float | None) -> int | None:
        if retry_after is None:
            return None
        due = self._moment + timedelta(seconds=retry_after)
        rule = task.options.retry
        if rule is not None and rule.timeout is not None:
            last = task.scheduled_at + timedelta(seconds=rule.timeout)
            if due > last:
                return None
        return microseconds(due)

    def beat(self, heartbeat: Heartbeat) -> bool:
        attempt = self._holdings.attempt(heartbeat.lease, self._session)
        if heartbeat.details is not None:
            self._beats.append((heartbeat_row(attempt.key, heartbeat.details), attempt.key))
        return attempt.cancelling != NOT_CANCELLED

    def queue_activities(self) -> None:
        """Write the new activities, as waiting for whoever claims them."""
        if self.new_activities:
            for new in self.new_activities:
                self.queue_activity(new)
            self._hints.activity_at(self._now)
            self.new_activities = []
        self.write()

    def queue_activity(self, new: NewActivity) -> None:
        """Write a new activity as waiting."""
        self._schedule(new, -self._queue_of(new), self._now, 0)

    def begin_activity(self, new: NewActivity) -> ActivityTask:
        """Write a new activity as running."""
        self._schedule(new, self._session, None, 1)
        lease = new.lease
        task = ActivityTask(
            lease=ActivityLease(lease.instance_id, lease.execution_id, new.command.number, 1),
            name=new.command.name,
            input=new.command.input,
            options=new.options,
            attempt=1,
            scheduled_at=self._moment,
        )
        self._holdings.run(new.key, task, self._session)
        return task

    def _queue_of(self, new: NewActivity) -> int:
        return self._names.queue(new.options.queue, new.command.name)

    def _schedule(self, new: NewActivity, lane: int, due_at: int | None, epoch: int) -> None:
        data, checksum = activity_row(new.key, new.command, new.options)
        row = (new.key, lane, due_at, self._queue_of(new), epoch, self._now, data, checksum)
        self._scheduled.append(row)

    # ---- leases ------------------------------------------------------------------------------

    def give_back(self, lease: Lease) -> None:
        try:
            held = self._holdings.held(lease, self._session)
        except LeaseLostError:
            _logger.debug("not given back, as it was lost before: %s", lease)
        else:
            self._release(held)

    def _release(self, held: Held) -> None:
        self._database.execute(queries.RELEASE, (held.key, held.session, held.lease.epoch))
        self._holdings.drop(held)
        self.created.pop(held.lease.instance_id, None)
        self._hints.instance_at(self._now)

    def free(self, session: int, *, lost: bool) -> bool:
        """Take from a session what it holds, a slice at a time; whether that was all.

        lost: its process died with it. What is idle stays in its lane: see `queries.NOTIFY`.
        """
        for key, cancelling in self._database.rows(queries.HELD_BY, (session,)):
            if cancelling:
                self._end_cancelled(key, cancelling)
            elif lost:
                self._lose(key)
            else:
                self._enqueued.append((self._now, 0, key))
        self.write()
        # Last: what has just come to an end may have given some of them news.
        freed = self._database.execute(queries.RELEASE_ALL, (session, SLICE)).rowcount
        self._holdings.drop_session(session)
        self._hints.forget()
        return freed < SLICE

    def _lose(self, key: int) -> None:
        row = self._database.row(queries.ACTIVITY, (key,))
        assert row is not None
        attempt, lost, data, checksum = row
        lost += 1
        try:
            activity = activity_of(key, data, checksum)
        except StoreError:
            # Whoever claims it next will find the damage, and say so.
            self._enqueued.append((self._now, 1, key))
            return
        if lost < LOST_WORKER_LIMIT and activity.options.on_lost != "fail":
            self._enqueued.append((self._now, 1, key))
            return
        instance = instance_of(key)
        instance_id = self._database.row(queries.INSTANCE_ID, (instance,))
        failure = refusals.worker_lost(
            instance_id[0] if instance_id else "?", activity.name, attempt, lost
        )
        self._ended_activities.append((key,))
        self._notify(instance, ActivityFailed(number=activity_number(key), failure=failure))


# ---- what needs no transaction -------------------------------------------------------------


def answer(act: Callable[..., R], part: object) -> R | DurableError:
    """A part of a batch that is refused does not keep the others from being done."""
    try:
        return act(part)
    except DurableError as error:
        return error


def _started(request: CreateInstance, at: datetime) -> ExecutionStarted:
    return ExecutionStarted(
        format=FORMAT,
        instance_id=request.instance_id,
        execution_id=request.execution_id,
        name=request.name,
        version=request.version,
        input=request.input,
        parent_id=request.parent_id,
        tags=request.tags,
        at=at,
    )


def status_after(ended: Ended) -> int:
    match ended:
        case ExecutionCompleted():
            return queries.COMPLETED
        case ExecutionFailed():
            return queries.FAILED
        case ExecutionTerminated():
            return queries.TERMINATED
        case _:
            assert_never(ended)
