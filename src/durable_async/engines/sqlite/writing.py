"""The rows of one batch, on their way into the file.

Invariant: rows are collected and written a kind at a time: many rows of one statement cost a third
of as many statements. What reads the file comes after `write`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, Final, TypeVar

from durable_async.engines import refusals
from durable_async.engines.clock import moment
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.database import ByLength, Database, Row
from durable_async.engines.sqlite.holdings import Attempt, Holdings
from durable_async.engines.sqlite.names import Names
from durable_async.engines.sqlite.rows import DamageError, message_row
from durable_async.errors import DurableError, StoreError
from durable_async.model.commands import ScheduleActivity
from durable_async.model.history import Delivered, ExecutionStarted
from durable_async.model.options import ActivityOptions
from durable_async.model.work import Claim, InstanceEnd, Lease

_logger: Final = logging.getLogger("durable_async.engines")

R = TypeVar("R")

__all__ = ["NEVER", "NOBODY", "Hints", "NewActivity", "NewInstance", "Writing"]

NOBODY: Final = 0
"""Of sessions: the number that none has."""

NEVER: Final = 1 << 62
"""A time that does not come."""


class NewInstance:
    """An instance that this batch created."""

    __slots__ = ("has_mail", "key", "lease", "started")

    def __init__(self, key: int, started: ExecutionStarted, lease: Lease) -> None:
        self.key = key
        self.started = started
        self.lease = lease
        self.has_mail = False


class NewActivity:
    """An activity that this batch scheduled, and that is not written yet: whether it is written
    as waiting or as running is decided last. key, instance, root: see `schema`.
    epoch: before its first attempt."""

    __slots__ = ("command", "epoch", "instance", "key", "lease", "options", "root")

    def __init__(
        self,
        key: int,
        lease: Lease,
        command: ScheduleActivity,
        options: ActivityOptions,
        instance: int,
        root: int | None,
        epoch: int,
    ) -> None:
        self.key = key
        self.lease = lease
        self.epoch = epoch
        self.command = command
        self.options = options
        self.instance = instance
        self.root = root


class Hints:
    """When, at the earliest, a claim may find something that nobody holds. 0: anything may be
    there. A hint may be too early, never too late. damage: an instance was set aside since this
    was last looked at."""

    __slots__ = ("activities", "damage", "entities", "instances")

    def __init__(self) -> None:
        self.instances = 0
        self.activities = 0
        self.entities = 0
        self.damage = False

    def forget(self) -> None:
        self.instances = self.activities = self.entities = 0

    def instance_at(self, at: int) -> None:
        if at < self.instances:
            self.instances = at

    def activity_at(self, at: int) -> None:
        if at < self.activities:
            self.activities = at

    def entity_at(self, at: int) -> None:
        if at < self.entities:
            self.entities = at


class Writing:
    """Made once for an engine, and used for one batch after the other.

    session: on whose behalf, or NOBODY. fingerprint: of that session's definitions. claim: what it
    would take on, if it claims.

    created: instances that went to the session when they were made. new_activities: by instance,
    not written yet. ends, to_stop, answered: instances, and attempts, that this batch put an end
    to, and requests that it answered. The lists of rows are of one statement each.
    """

    def __init__(
        self,
        database: Database,
        names: Names,
        holdings: Holdings,
        hints: Hints,
        *,
        namespace: str,
    ) -> None:
        self.database = database
        self.names = names
        self.holdings = holdings
        self.hints = hints
        self.namespace = namespace
        self.now = 0
        self.moment = moment(0)
        self.session = NOBODY
        self.fingerprint = ""
        self.claim: Claim | None = None
        self.ends: list[InstanceEnd] = []
        self.answered: list[str] = []
        self.created: dict[str, NewInstance] = {}
        self.new_activities: dict[int, list[NewActivity]] = {}
        self.to_stop: list[Attempt] = []
        self.chunks: list[Row] = []
        self.tags: list[Row] = []
        self.mail: list[Row] = []
        self.notified: dict[int, None] = {}
        self.consumed: list[Row] = []
        self.started_timers: list[Row] = []
        self.ended_timers: list[Row] = []
        self.ended_activities: list[Row] = []
        self.retries: list[Row] = []
        self.enqueued: list[Row] = []
        self.beats: list[Row] = []
        self.scheduled: list[Row] = []
        self.steps: list[Row] = []
        self.first_steps: list[Row] = []
        self._rows: tuple[tuple[str | ByLength, list[Row]], ...] = (
            (queries.APPEND, self.chunks),
            (queries.ADD_TAG, self.tags),
            (queries.CONSUME, self.consumed),
            (queries.DELIVER, self.mail),
            (queries.END_TIMER, self.ended_timers),
            (queries.START_TIMER, self.started_timers),
            (queries.END_ACTIVITY, self.ended_activities),
            (queries.RETRY, self.retries),
            (queries.ENQUEUE, self.enqueued),
            (queries.BEAT, self.beats),
            (queries.SCHEDULE, self.scheduled),
            (queries.STEP, self.steps),
            (queries.FIRST_STEP, self.first_steps),
        )
        # Keys of instances with an episode among what is not written yet.
        self.stepped: set[int] = set()
        self._followers: list[tuple[list[Any], Callable[[], None]]] = []
        self._is_clean = True

    def follow(self, collected: list[Any], act: Callable[[], None]) -> None:
        """act: done each time when the rows are written, if something was collected for it."""
        self._followers.append((collected, act))

    def begin(self, now: int, session: int, fingerprint: str, claim: Claim | None) -> None:
        """The next batch. What was collected for one that came to nothing is dropped."""
        self.now = now
        self.moment = moment(now)
        self.session = session
        self.fingerprint = fingerprint
        self.claim = claim
        self.ends = []
        self.answered = []
        self.created = {}
        self.new_activities = {}
        self.to_stop = []
        if not self._is_clean:
            self._drop_rows()
        self._is_clean = False

    def schedule(self, key: int, activities: Sequence[NewActivity]) -> None:
        """Those of an instance. key: its number."""
        self.new_activities[key] = [*self.new_activities.get(key, ()), *activities]

    def take_new_activities(self) -> list[NewActivity]:
        new, self.new_activities = self.new_activities, {}
        return [*chain.from_iterable(new.values())]

    def end(self) -> None:
        """All of the batch is written and committed."""
        self._is_clean = True

    def write(self) -> None:
        """Write the rows that were collected. What reads the file must come after it."""
        database = self.database
        many = database.executemany
        for sql, rows in self._rows:
            if rows:
                if isinstance(sql, str):
                    many(sql, rows)
                else:
                    database.insert(sql, rows)
                rows.clear()
        self.stepped.clear()
        if self.notified:
            now = self.now
            many(queries.NOTIFY, [(now, now, key) for key in self.notified])
            self.notified.clear()
        for collected, act in self._followers:
            if collected:
                act()

    def whole(self, act: Callable[[], R]) -> R:
        """What `act` gives, or nothing of what it did if it is refused midway.

        For what cannot be checked before any of it is written.
        """
        self.write()
        created, new_activities = self.created.copy(), self.new_activities.copy()
        places = [(each, len(each)) for each in (self.ends, self.answered, self.to_stop)]
        mark = self.holdings.mark()
        self.database.execute("SAVEPOINT part")
        try:
            result = act()
            self.write()
        except DurableError:
            self.database.execute("ROLLBACK TO part")
            self.database.execute("RELEASE part")
            self.created, self.new_activities = created, new_activities
            for each, length in places:
                del each[length:]
            self.holdings.roll_back(mark)
            self.names.forget()
            self._drop_rows()
            raise
        self.database.execute("RELEASE part")
        return result

    def set_aside(self, key: int, error: StoreError) -> None:
        """Block an instance that something damaged belongs to, so that it is not handed out."""
        row = self.database.row(queries.INSTANCE_ID, (key,))
        instance_id = "?" if row is None else row[0]
        if isinstance(error, DamageError):
            place = f"{self.database.path}, {error.place}"
            message = refusals.damaged(instance_id, place, error.why)
        else:
            message = str(error)
        _logger.error("%s", message)
        self.database.execute(queries.SET_ASIDE_INSTANCE, (message, key))
        self.hints.damage = True
        self.holdings.drop_lease(instance_id)

    def _drop_rows(self) -> None:
        for _, rows in self._rows:
            rows.clear()
        for collected, _ in self._followers:
            collected.clear()
        self.notified.clear()
        self.stepped.clear()

    def notify(self, key: int, event: Delivered) -> None:
        """Put an event into the inbox of an instance. key: its number."""
        self.mail.append(message_row(key, self.now, event))
        self.notified[key] = None
        self.holdings.mailed.add(key)

    def tell(self, key: int, event: Delivered) -> None:
        """As `notify`, to an instance that may be new in this batch, or nobody's here."""
        self.notify(key, event)
        self.hints.instance_at(self.now)
        if self.created:
            for new in self.created.values():
                if new.key == key:
                    new.has_mail = True
