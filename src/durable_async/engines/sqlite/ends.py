"""What becomes of an execution's things when it is over (E11), of those who wait for it, and of its
children.

Invariant: when the rows of an end are written, nothing of the execution is left that could happen
any more, and whoever waited for it has been told.
"""

from __future__ import annotations

from collections.abc import Sequence

from durable_async.engines import refusals
from durable_async.engines.ends import answer_to, end_of, status_after
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.activities import HAS_ENDED, Activities
from durable_async.engines.sqlite.database import Row
from durable_async.engines.sqlite.queueing import Queueing
from durable_async.engines.sqlite.rows import (
    DamageError,
    activity_range,
    check_suspension,
    check_waiter,
    chunk_row,
    suspension_row,
)
from durable_async.engines.sqlite.standing import Standing, find_key, number_of
from durable_async.engines.sqlite.writing import Writing
from durable_async.model.history import (
    CancelRequested,
    Ended,
    ExecutionCancelled,
    ExecutionContinued,
    ExecutionTerminated,
    HistoryEvent,
)

__all__ = ["Ends"]

_ACTIVITY, _WAITER, _WAITED_FOR, _LOCK, _OPERATION = range(5)
"""What a row of `queries.LEFT_BEHIND` is about."""

_CHILD = 1


class Ends:
    def __init__(self, writing: Writing, activities: Activities, queueing: Queueing) -> None:
        self._writing = writing
        self._activities = activities
        self._queueing = queueing
        self._ends: list[tuple[Standing, Ended, bool, Row]] = []
        # Keys of those whose children have not been looked for.
        self._unasked: list[int] = []
        writing.follow(self._unasked, self._unasked.clear)
        writing.follow(self._ends, self._write_ends)

    def end(
        self,
        standing: Standing,
        ended: Ended,
        events: Sequence[HistoryEvent],
        *,
        recursive: bool = True,
    ) -> None:
        """The execution is over: nothing of it may happen any more. The next epoch fences whoever
        runs an episode of it right now. events: the last ones, `ended` included. recursive: as of
        Terminate."""
        writing, lease, length = self._writing, standing.lease, standing.length
        writing.chunks.append(chunk_row(standing.key, lease.execution_id, length, events))
        now, status = writing.now, number_of(status_after(ended))
        row = (status, length + len(events), now, now, standing.key)
        self._ends.append((standing, ended, recursive, row))
        self._unasked.append(standing.key)
        writing.holdings.drop_lease(lease.instance_id)
        writing.created.pop(lease.instance_id, None)
        new = writing.new_activities.pop(standing.key, ())
        others = [each for each in new if each.lease != lease]
        if others:  # another execution of the instance asked for them
            writing.schedule(standing.key, others)
        writing.ends.append(end_of(lease.instance_id, ended))

    def reach_children(self) -> bool:
        """Whether ends that are not written yet may bring a child to its end as well."""
        while self._unasked:
            key = self._unasked.pop()
            if self._writing.database.row(queries.HAS_CHILDREN, (key,)) is not None:
                return True
        return False

    def terminate(self, standing: Standing, reason: str, *, recursive: bool) -> None:
        ended = ExecutionTerminated(reason=reason, at=self._writing.moment)
        self.end(standing, ended, (ended,), recursive=recursive)

    def cancel(self, standing: Standing, reason: str) -> None:
        """Ask a live instance to cancel itself; end it if it has not begun, or is blocked (E13)."""
        status = standing.status
        if status == queries.SUSPENDED:
            status = self.resume(standing)
        if status in (queries.PENDING, queries.BLOCKED):
            ended = ExecutionCancelled(reason=reason)
            self.end(standing, ended, (ended,))
        else:
            self._writing.tell(standing.key, CancelRequested(reason=reason))

    def resume(self, standing: Standing) -> int:
        """A suspended instance stands again as before. Returns its status."""
        writing, key = self._writing, standing.key
        row = writing.database.row(queries.SUSPENSION, (key,))
        if row is None:
            row = suspension_row(key, queries.RUNNING, writing.now, None, "")[1:]
        writing.database.execute(queries.END_SUSPENSION, (key,))
        try:
            check_suspension(key, row)
        except DamageError as error:
            writing.set_aside(key, error)
            return queries.BLOCKED
        status, ready_at, blocked_under = row[:3]
        writing.database.execute(
            queries.RESUME, (status, ready_at, blocked_under, writing.now, key)
        )
        if status == queries.RUNNING:
            writing.database.execute(queries.SETTLE, (writing.now, key))
        writing.hints.instances = 0
        return int(status)

    # ---- what is left behind -----------------------------------------------------------------

    def _write_ends(self) -> None:
        ends = self._ends.copy()
        self._ends.clear()
        database = self._writing.database
        database.executemany(queries.END, [row for _, _, _, row in ends])
        keys = [row[-1:] for _, _, _, row in ends]
        database.about(queries.END_TIMERS, keys)
        database.about(queries.EMPTY_INBOXES, keys)
        ranges = [(each.key, *activity_range(each.serial)) for each, _, _, _ in ends]
        have_left = {row[0] for row in database.about(queries.HAVE_LEFT, ranges)}
        for standing, ended, recursive, _ in ends:
            if standing.status == queries.SUSPENDED:
                database.execute(queries.END_SUSPENSION, (standing.key,))
            # What becomes of the others leaves nothing to one that has ended.
            if standing.key in have_left:
                self.clear(standing, ended, recursive=recursive)
        self._writing.write()

    def clear(self, standing: Standing, ended: Ended, *, recursive: bool = True) -> None:
        """What else an execution leaves behind, when its timers and its inbox are gone."""
        writing, key = self._writing, standing.key
        left = writing.database.rows(
            queries.LEFT_BEHIND, (*activity_range(standing.serial), key, key, key, key)
        )
        for kind, first, instance, number, mark, checksum in left:
            if kind == _ACTIVITY:
                self._activities.cancel(standing.lease, first, key, HAS_ENDED)
            elif kind == _WAITER:
                if not isinstance(ended, ExecutionContinued):
                    self._tell((key, instance, number, checksum), mark, standing, ended)
            elif kind == _WAITED_FOR:
                writing.database.execute(queries.END_WAITER, (first, key, number))
                if mark:
                    self._end_child(first, mark, standing.instance_id, ended, recursive=recursive)
            elif kind == _LOCK:
                self._queueing.end_lock(first)
            else:
                self._queueing.withdraw(first, instance, mark)

    def _tell(self, waiter: Row, child: int, standing: Standing, ended: Ended) -> None:
        """waiter: (target, instance, number, checksum)."""
        target, instance, number, _ = waiter
        self._writing.database.execute(queries.END_WAITER, (target, instance, number))
        if child > _CHILD:
            return
        waiting = find_key(self._writing, instance)
        if waiting is None or waiting.has_ended:  # in this very batch
            return
        try:
            check_waiter(*waiter)
        except DamageError as error:
            self._writing.set_aside(instance, error)
        else:
            self._writing.tell(instance, answer_to(number, standing.instance_id, ended))

    def _end_child(
        self, child: int, mark: int, parent_id: str, ended: Ended, *, recursive: bool
    ) -> None:
        standing = find_key(self._writing, child)
        if standing is None or standing.has_ended:
            return
        if isinstance(ended, ExecutionTerminated) and recursive:
            self.end(standing, ended, (ended,))
        elif mark == _CHILD:
            # One that its parent has cancelled before is not cancelled again: a second time would
            # cut its clean-up short.
            self.cancel(standing, refusals.parent_ended(parent_id, status_after(ended)))
