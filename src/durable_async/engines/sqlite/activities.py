"""Activities, in a batch.

Invariant: an activity ends once: by a report of who runs it, by the loss of too many who did, or by
its cancellation; and what it came to is in the inbox, or was in the episode, of the same commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, assert_never

from durable_async.convert.durations import later
from durable_async.engines import refusals
from durable_async.engines.clock import microseconds
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.holdings import Attempt, Held
from durable_async.engines.sqlite.rows import (
    activity_key,
    activity_number,
    activity_of,
    activity_row,
    failure_row,
    heartbeat_row,
)
from durable_async.engines.sqlite.standing import first_epoch
from durable_async.engines.sqlite.writing import NewActivity, Writing
from durable_async.errors import StoreError
from durable_async.model.commands import ScheduleActivity
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCompleted,
    ActivityFailed,
    Delivered,
)
from durable_async.model.options import LOST_WORKER_LIMIT, ActivityOptions
from durable_async.model.work import (
    ActivityLease,
    ActivityReport,
    ActivityTask,
    AttemptCancelled,
    AttemptFailed,
    AttemptReleased,
    AttemptSucceeded,
    Heartbeat,
    Lease,
)

__all__ = ["GOES_ON", "HAS_ENDED", "WAITS", "Activities"]

NOT_CANCELLED, GOES_ON, WAITS, HAS_ENDED = range(4)
"""`cancelling` of an activity."""

_DEFAULT_OPTIONS: Final = ActivityOptions()


class Activities:
    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        # What is looked at when the rows before are written.
        self._cancels: list[tuple[Lease, int, int, int]] = []
        writing.follow(self._cancels, self._write_cancels)

    # ---- scheduled and begun -----------------------------------------------------------------

    def new(self, held: Held, command: ScheduleActivity) -> NewActivity:
        """For `Writing.schedule`."""
        return NewActivity(
            activity_key(held.serial, command.number),
            held.lease,
            command,
            command.options or _DEFAULT_OPTIONS,
            held.key,
            held.root,
            first_epoch(held.era),
        )

    def queue_all(self) -> None:
        """Write the new activities, as waiting for whoever claims them."""
        writing = self._writing
        if writing.new_activities:
            for new in writing.take_new_activities():
                self.queue(new)
            writing.hints.activity_at(writing.now)
        writing.write()

    def queue(self, new: NewActivity) -> None:
        """Write a new activity as waiting."""
        queue = self._queue_of(new)
        self._schedule(new, queue, -queue, self._writing.now, new.epoch)

    def begin(self, new: NewActivity) -> ActivityTask:
        """Write a new activity as running."""
        writing = self._writing
        self._schedule(new, self._queue_of(new), writing.session, None, new.epoch + 1)
        lease = new.lease
        task = ActivityTask(
            lease=ActivityLease(
                lease.instance_id, lease.execution_id, new.command.number, new.epoch + 1
            ),
            name=new.command.name,
            input=new.command.input,
            options=new.options,
            attempt=1,
            scheduled_at=writing.moment,
        )
        writing.holdings.run(new.key, task, writing.session, new.instance)
        return task

    def _queue_of(self, new: NewActivity) -> int:
        return self._writing.names.queue(new.options.queue, new.command.name)

    def _schedule(
        self, new: NewActivity, queue: int, lane: int, due_at: int | None, epoch: int
    ) -> None:
        key, instance = new.key, new.instance
        data, checksum = activity_row(key, new.command, new.options)
        now = self._writing.now
        named = None if key >> 20 == instance else instance
        row = (key, lane, due_at, queue, epoch, now, data, checksum, named, new.root)
        self._writing.scheduled.append(row)

    # ---- reported ----------------------------------------------------------------------------

    def report(self, report: ActivityReport) -> None:
        writing = self._writing
        attempt = writing.holdings.attempt(report.lease, writing.session)
        key, number = attempt.key, report.lease.number
        if attempt.cancelling:
            # As in asyncio: once it was cancelled, it comes to nothing.
            self.end_cancelled(key, attempt.instance, attempt.cancelling)
            writing.holdings.drop_attempt(attempt)
            return
        match report.end:
            case AttemptSucceeded(result):
                self._end(attempt, ActivityCompleted(number=number, result=result))
            case AttemptFailed(failure, retry_after):
                due = self._next_attempt(attempt.task, retry_after)
                if due is None:
                    self._end(attempt, ActivityFailed(number=number, failure=failure))
                else:
                    writing.retries.append((due, failure_row(key, failure), key))
                    writing.hints.activity_at(due)
            case AttemptReleased():
                writing.enqueued.append((writing.now, 0, key))
                writing.hints.activity_at(writing.now)
            case AttemptCancelled():
                # Nobody asked for that; whoever stopped it, its code must not wait for ever.
                self._end(attempt, ActivityCancelled(number=number))
            case _:
                assert_never(report.end)
        writing.holdings.drop_attempt(attempt)

    def finish(self, attempts: Sequence[Attempt]) -> None:
        """Their results are part of an episode."""
        for attempt in attempts:
            self._writing.ended_activities.append((attempt.key,))
            self._writing.holdings.drop_attempt(attempt)

    def beat(self, heartbeat: Heartbeat) -> bool:
        writing = self._writing
        attempt = writing.holdings.attempt(heartbeat.lease, writing.session)
        if heartbeat.details is not None:
            writing.beats.append((heartbeat_row(attempt.key, heartbeat.details), attempt.key))
        return attempt.cancelling != NOT_CANCELLED

    def _end(self, attempt: Attempt, event: Delivered) -> None:
        writing = self._writing
        writing.notify(attempt.instance, event)
        writing.ended_activities.append((attempt.key,))
        if writing.holdings.find(attempt.task.lease.instance_id) is None:
            writing.hints.instance_at(writing.now)

    def _next_attempt(self, task: ActivityTask, retry_after: float | None) -> int | None:
        if retry_after is None:
            return None
        due = later(self._writing.moment, retry_after)
        rule = task.options.retry
        limit = None if rule is None else rule.timeout
        if limit is not None and due > later(task.scheduled_at, limit):
            return None
        return microseconds(due)

    # ---- cancelled ---------------------------------------------------------------------------

    def cancel_later(self, held: Held, number: int, why: int) -> None:
        """Once what was collected before is written."""
        key = activity_key(held.serial, number)
        self._cancels.append((held.lease, key, held.key, why))

    def cancel(self, lease: Lease, key: int, instance: int, why: int) -> None:
        writing = self._writing
        row = writing.database.row(queries.LOOK_AT_ACTIVITY, (key,))
        if row is None:  # it has ended
            return
        lane, epoch, cancelling = row
        if lane <= 0:
            self.end_cancelled(key, instance, why)
            return
        if cancelling == why:
            return
        writing.database.execute(queries.ASK_TO_STOP, (why, writing.now, key))
        number = activity_number(key)
        attempt = writing.holdings.cancel(
            ActivityLease(lease.instance_id, lease.execution_id, number, epoch), why
        )
        if attempt is not None:
            writing.to_stop.append(attempt)

    def end_cancelled(self, key: int, instance: int, why: int) -> None:
        self._writing.ended_activities.append((key,))
        if why == WAITS:
            self._writing.notify(instance, ActivityCancelled(number=activity_number(key)))
            self._writing.hints.instance_at(self._writing.now)

    def _write_cancels(self) -> None:
        cancels = self._cancels.copy()
        self._cancels.clear()
        for each in cancels:
            self.cancel(*each)
        self._writing.write()

    # ---- lost --------------------------------------------------------------------------------

    def free(self, session: int, *, lost: bool) -> None:
        """Take from a session what it runs. lost: its process died with it."""
        writing = self._writing
        for key, cancelling in writing.database.rows(queries.HELD_BY, (session,)):
            if lost or cancelling:
                self._lose(key, cancelling, lost=lost)
            else:
                writing.enqueued.append((writing.now, 0, key))

    def _lose(self, key: int, cancelling: int, *, lost: bool) -> None:
        writing = self._writing
        row = writing.database.row(queries.ACTIVITY, (key,))
        assert row is not None
        attempt, times, data, checksum, instance = row
        if cancelling:
            self.end_cancelled(key, instance, cancelling)
            return
        times += lost
        try:
            activity = activity_of(key, data, checksum)
        except StoreError:
            # Whoever claims it next will find the damage, and say so.
            writing.enqueued.append((writing.now, 1, key))
            return
        if times < LOST_WORKER_LIMIT and activity.options.on_lost != "fail":
            writing.enqueued.append((writing.now, 1, key))
            return
        instance_id = writing.database.row(queries.INSTANCE_ID, (instance,))
        failure = refusals.worker_lost(
            instance_id[0] if instance_id else "?", activity.name, attempt, times
        )
        writing.ended_activities.append((key,))
        writing.notify(instance, ActivityFailed(number=activity_number(key), failure=failure))
