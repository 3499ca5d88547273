"""Activities, attempt by attempt. Invariant: an activity is in the queue or leased, never both,
until one report, cancel or loss ends it; what it came to is told to its execution once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import assert_never

from durable_async.convert.durations import later
from durable_async.engines import refusals
from durable_async.engines.memory.rows import Activity, Cancelling, Instance, first_epoch
from durable_async.engines.memory.store import Store
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
)

__all__ = ["Activities"]


class Activities:
    def __init__(self, store: Store) -> None:
        self._store = store

    def schedule(self, command: ScheduleActivity, instance: Instance) -> None:
        now = self._store.now
        activity = Activity(
            instance=instance,
            execution_id=instance.started.execution_id,
            command=command,
            options=command.options or ActivityOptions(),
            scheduled_at=now,
            due=now,
            epoch=first_epoch(instance.era),
        )
        instance.activities[command.number] = activity
        self._store.queue.put(activity, now)

    def cancel(self, activity: Activity, why: Cancelling) -> None:
        if activity.owner is None:
            activity.cancelling = why
            self._end_cancelled(activity)
        elif activity.cancelling != why:
            if activity.cancelling is None:
                self._store.sessions[activity.owner].to_tell.append(activity)
            activity.cancelling = why

    def abandon(self, instance: Instance) -> None:
        """The execution is over: whatever its activities come to is not for it. Those that run
        are told to stop."""
        for activity in list(instance.activities.values()):
            self.cancel(activity, "ended")
        instance.activities = {}

    # ---- attempts ----------------------------------------------------------------------------

    def claim(
        self, admits: Callable[[Activity], bool], limit: int, session: str
    ) -> Iterator[ActivityTask]:
        for activity in self._store.queue.due(self._store.now):
            if limit == 0:
                return
            if admits(activity):
                limit -= 1
                yield self._begin(activity, session)

    def _begin(self, activity: Activity, session: str) -> ActivityTask:
        self._store.queue.put(activity, None)
        activity.owner = session
        activity.epoch += 1
        lease = activity.lease
        self._store.running[lease] = activity
        return ActivityTask(
            lease=lease,
            name=activity.command.name,
            input=activity.command.input,
            options=activity.options,
            attempt=activity.attempt,
            scheduled_at=activity.scheduled_at,
            heartbeat=activity.heartbeat,
        )

    def attempt(self, lease: ActivityLease, session: str) -> Activity:
        """Raises LeaseLostError if the session has no right to speak for it."""
        activity = self._store.running.get(lease)
        if activity is None or activity.owner != session:
            raise refusals.report_refused(lease)
        return activity

    def report(self, report: ActivityReport, session: str) -> None:
        activity = self.attempt(report.lease, session)
        if activity.cancelling is not None:
            # As in asyncio: once it was cancelled, it comes to nothing.
            self._end_cancelled(activity)
            return
        number = report.lease.number
        match report.end:
            case AttemptSucceeded(result):
                self._end(activity, ActivityCompleted(number=number, result=result))
            case AttemptFailed(failure, retry_after):
                due = _next_attempt(activity, retry_after, self._store.now)
                if due is None:
                    self._end(activity, ActivityFailed(number=number, failure=failure))
                else:
                    activity.attempt += 1
                    activity.last_failure = failure
                    self._enqueue(activity, due)
            case AttemptReleased():
                self._enqueue(activity, self._store.now)
            case AttemptCancelled():
                # Nobody asked for that; whoever stopped it, its code must not wait for ever.
                self._end(activity, ActivityCancelled(number=number))
            case _:
                assert_never(report.end)

    def beat(self, heartbeat: Heartbeat, session: str) -> bool:
        activity = self.attempt(heartbeat.lease, session)
        if heartbeat.details is not None:
            activity.heartbeat = heartbeat.details
        return activity.cancelling is not None

    def free(self, session: str, *, lost: bool) -> None:
        for activity in [one for one in self._store.running.values() if one.owner == session]:
            activity.lost += lost
            if activity.cancelling is not None:
                self._end_cancelled(activity)
            elif lost and _is_given_up(activity):
                self._end(activity, _worker_lost(activity))
            else:
                self._enqueue(activity, self._store.now)

    def follow_back(self, step: timedelta) -> None:
        """The clock has been set back: what waits is due that much earlier."""
        store = self._store
        for instance in store.instances.values():
            for activity in instance.activities.values():
                if activity.owner is None and activity.due > store.now:
                    activity.due -= step
                    store.queue.put(activity, activity.due)

    # ---- ends --------------------------------------------------------------------------------

    def take_out(self, activity: Activity) -> None:
        """It has ended."""
        self._store.running.pop(activity.lease, None)
        self._store.queue.put(activity, None)
        activity.owner = None
        # The instance has others by now if its execution was rewound or is a new one.
        if activity.instance.activities.get(activity.command.number) is activity:
            del activity.instance.activities[activity.command.number]

    def _end(self, activity: Activity, event: Delivered) -> None:
        self.take_out(activity)
        self._store.notify(activity.instance, event)

    def _end_cancelled(self, activity: Activity) -> None:
        self.take_out(activity)
        if activity.cancelling == "wait":
            number = activity.command.number
            self._store.notify(activity.instance, ActivityCancelled(number=number))

    def _enqueue(self, activity: Activity, due: datetime) -> None:
        """The attempt that ran is over; one more may begin."""
        self._store.running.pop(activity.lease, None)
        activity.owner = None
        activity.due = due
        self._store.queue.put(activity, due)


def _next_attempt(activity: Activity, retry_after: float | None, now: datetime) -> datetime | None:
    if retry_after is None:
        return None
    due = later(now, retry_after)
    rule = activity.options.retry
    if rule is not None and rule.timeout is not None:
        last = later(activity.scheduled_at, rule.timeout)
        return due if due <= last else None
    return due


def _is_given_up(activity: Activity) -> bool:
    return activity.lost >= LOST_WORKER_LIMIT or activity.options.on_lost == "fail"


def _worker_lost(activity: Activity) -> ActivityFailed:
    failure = refusals.worker_lost(
        activity.instance.id, activity.command.name, activity.attempt, activity.lost
    )
    return ActivityFailed(number=activity.command.number, failure=failure)
