"""What the sessions of this engine hold.

Invariant: it is what the file says. As long as no other connection has committed it is believed
without a look; after that each entry is read again before it counts. Whatever changes it can be
undone, since the transaction that it was part of may come to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from durable_async.engines import refusals
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.database import Database
from durable_async.model.work import ActivityLease, ActivityTask, Lease

__all__ = ["Attempt", "Held", "Holdings"]


_MAILED_LIMIT: Final = 100_000


@attrs.define(eq=False)
class Held:
    """An instance that a session of this engine holds. key: its number in the file. length: of its
    history. status: see `queries`. seen_in: the generation in which it was read or written.
    serial, root, era: see `schema`. complete_in: the generation in which its session was known to
    have all its news."""

    key: int
    lease: Lease
    session: int
    length: int
    status: int
    seen_in: int
    serial: int
    root: int | None
    era: int
    complete_in: int = -1


@attrs.define(eq=False)
class Attempt:
    """An attempt that a session of this engine runs. key: of its activity. instance: whose activity
    it is. cancelling: see `schema`."""

    key: int
    task: ActivityTask
    session: int
    seen_in: int
    instance: int
    cancelling: int = 0


class Holdings:
    """in_hand: keys of instances whose news was handed to their session, and not answered yet.
    mailed: of those that were given news by this engine since they were handed out."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._generation = 0
        self._held: dict[str, Held] = {}
        self._attempts: dict[ActivityLease, Attempt] = {}
        self._undo: list[Callable[[], object]] = []
        self.in_hand: set[int] = set()
        self.mailed: set[int] = set()

    def distrust(self) -> None:
        """Another connection has committed."""
        self._generation += 1

    def settle(self) -> None:
        """The transaction was committed."""
        self._undo.clear()
        if len(self.mailed) > _MAILED_LIMIT:
            # They are not held here, most of them. What is will be looked up.
            self.mailed.clear()
            self._generation += 1

    def has_news(self, held: Held) -> bool:
        """Whether it may have been given news since its session was given all. A look at the file
        that finds none is told by `has_no_news`."""
        return held.key in self.mailed or held.complete_in != self._generation

    def has_no_news(self, held: Held) -> None:
        held.complete_in = self._generation

    def mark(self) -> int:
        """A place to roll back to."""
        return len(self._undo)

    def roll_back(self, mark: int = 0) -> None:
        """The transaction, or what was done since the mark, came to nothing."""
        while len(self._undo) > mark:
            self._undo.pop()()

    def drop_session(self, session: int) -> None:
        """It holds nothing any more."""
        for held in [each for each in self._held.values() if each.session == session]:
            self.drop(held)
        for attempt in self.attempts_of(session):
            self.drop_attempt(attempt)

    # ---- instances -------------------------------------------------------------------------

    def find(self, instance_id: str) -> Held | None:
        """What is held of an instance, if it can be believed without a look."""
        held = self._held.get(instance_id)
        return held if held is not None and held.seen_in == self._generation else None

    def held(self, lease: Lease, session: int) -> Held:
        """Raises: LeaseLostError if the session does not hold this lease."""
        held = self._held.get(lease.instance_id)
        if held is None or held.session != session:
            raise refusals.lease_lost(lease)
        if held.lease is not lease and held.lease != lease:
            raise refusals.lease_lost(lease)
        if held.seen_in != self._generation:
            row = self._database.row(queries.LOOK, (held.key,))
            if row is None or row[:2] != (session, lease.epoch):
                self.drop(held)
                raise refusals.lease_lost(lease)
            held.seen_in = self._generation
        return held

    def hold(
        self,
        key: int,
        lease: Lease,
        session: int,
        length: int,
        status: int,
        *,
        serial: int,
        root: int | None,
        era: int,
    ) -> Held:
        """A session has come to hold it."""
        former = self._held.get(lease.instance_id)
        if former is not None:
            self.drop(former)
        held = Held(key, lease, session, length, status, self._generation, serial, root, era)
        held.complete_in = self._generation
        self._held[lease.instance_id] = held
        self._undo.append(lambda: self._held.pop(lease.instance_id))
        return held

    def drop_lease(self, instance_id: str) -> None:
        """Nobody holds the instance any more, whoever did."""
        held = self._held.get(instance_id)
        if held is not None:
            self.drop(held)

    def advance(self, held: Held, length: int, status: int) -> None:
        former = held.length, held.status
        held.length, held.status = length, status

        def undo() -> None:
            held.length, held.status = former

        self._undo.append(undo)

    def drop(self, held: Held) -> None:
        instance_id = held.lease.instance_id
        if self._held.get(instance_id) is held:
            del self._held[instance_id]
            self._undo.append(lambda: self._held.update({instance_id: held}))
        self.answer(held.key)

    def hand(self, key: int) -> None:
        """Its news goes out to its session."""
        if key not in self.in_hand:
            self.in_hand.add(key)
            self._undo.append(lambda: self.in_hand.discard(key))
        if key in self.mailed:
            self.mailed.remove(key)
            self._undo.append(lambda: self.mailed.add(key))

    def answer(self, key: int) -> None:
        """Its session has answered, or never will."""
        if key in self.in_hand:
            self.in_hand.remove(key)
            self._undo.append(lambda: self.in_hand.add(key))

    # ---- activities ------------------------------------------------------------------------

    def attempt(self, lease: ActivityLease, session: int) -> Attempt:
        """Raises: LeaseLostError if the session does not run this attempt."""
        attempt = self._attempts.get(lease)
        if attempt is None or attempt.session != session:
            raise refusals.report_refused(lease)
        if attempt.seen_in != self._generation:
            row = self._database.row(queries.LOOK_AT_ACTIVITY, (attempt.key,))
            if row is None or row[:2] != (session, lease.epoch):
                self.drop_attempt(attempt)
                raise refusals.report_refused(lease)
            attempt.cancelling = row[2]
            attempt.seen_in = self._generation
        return attempt

    def run(self, key: int, task: ActivityTask, session: int, instance: int) -> None:
        """A session has begun an attempt."""
        lease = task.lease
        self._attempts[lease] = Attempt(key, task, session, self._generation, instance)
        self._undo.append(lambda: self._attempts.pop(lease))

    def cancel(self, lease: ActivityLease, cancelling: int) -> Attempt | None:
        """An attempt is to stop. Returns it if it is run here, and did not know."""
        attempt = self._attempts.get(lease)
        if attempt is None:
            return None
        former, attempt.cancelling = attempt.cancelling, cancelling

        def undo() -> None:
            attempt.cancelling = former

        self._undo.append(undo)
        return None if former else attempt

    def drop_attempt(self, attempt: Attempt) -> None:
        lease = attempt.task.lease
        if self._attempts.pop(lease, None) is not None:
            self._undo.append(lambda: self._attempts.update({lease: attempt}))

    def runs(self, attempt: Attempt) -> bool:
        """Whether it has not ended, nor been lost."""
        return self._attempts.get(attempt.task.lease) is attempt

    def attempts_of(self, session: int) -> list[Attempt]:
        return [each for each in self._attempts.values() if each.session == session]
