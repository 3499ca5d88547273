"""The engine of one SQLite file, shared by as many processes of one computer as like.

Invariant: a commit is one transaction, durable when it returns (WAL, `synchronous=FULL`). What this
object knows of the file is either what the file says, or is looked up again before it counts.

`engines.memory` says what is done here; this package says how it is done with rows: `transaction`
(a batch as rows, each noun in a file of its own), `claims` and `taking` (handing out), `holdings`
(what our sessions hold), `sessions` (who else is alive), `offers` (what they would take),
`listing` and `entity_listing` (reading), `database` (the file), `schema` (its tables).
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

import attrs

from durable_async.engines import refusals
from durable_async.engines.clock import HELD, SteadyClock, SystemClock, microseconds, moment
from durable_async.engines.limits import ANSWER_KEPT, DEFAULT_LEASE, RENEWALS_PER_LEASE
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.claims import Claims, UnreadablePagesError
from durable_async.engines.sqlite.database import Database, has_wal_reset_defect, is_busy
from durable_async.engines.sqlite.entity_listing import EntityListing
from durable_async.engines.sqlite.holdings import Attempt, Holdings
from durable_async.engines.sqlite.listing import Listing
from durable_async.engines.sqlite.names import Names
from durable_async.engines.sqlite.offers import Offers
from durable_async.engines.sqlite.rows import operation_checksum
from durable_async.engines.sqlite.schema import MIGRATIONS, Migration
from durable_async.engines.sqlite.sessions import SessionFiles, Watch
from durable_async.engines.sqlite.taking import Taking
from durable_async.engines.sqlite.transaction import Transaction, answer
from durable_async.engines.sqlite.writing import NOBODY, Hints, Writing
from durable_async.errors import SerializationError
from durable_async.model.history import HistoryEvent
from durable_async.model.identity import EntityId
from durable_async.model.work import (
    ActivityLease,
    ActivityTask,
    Answer,
    Batch,
    Claim,
    Claimed,
    ClaimedEntity,
    EntityPage,
    EntityQuery,
    EntityRecord,
    InstanceQuery,
    InstanceRecord,
    Page,
    Receipt,
)
from durable_async.ports import Clock

__all__ = ["SqliteEngine"]

_logger: Final = logging.getLogger("durable_async.engines")

LOOK_EVERY: Final = 0.5
"""Seconds between two looks at whether other sessions are alive."""

_MICROSECONDS: Final = 1_000_000


@attrs.define(eq=False)
class Session:
    """A session of this engine. renewed_at: as the file has it. fingerprint: of its last claim.
    offers: the claim that the file was told of; None if it may not know.
    to_stop: attempts that it runs, is to stop, and was not told of. stale: another connection may
    have asked it to stop some."""

    number: int
    identity: str
    renewed_at: int
    fingerprint: str = ""
    offers: Claim | None = None
    to_stop: list[Attempt] = attrs.field(factory=list)
    stale: bool = False


class SqliteEngine:
    """Keeps the rules of `ports.Engine` in one file on a local disk.

    path: of the file, which is made if it is missing. clock: the computer's, unless a test brings
    its own. lease: seconds of silence after which a live session may be taken over; one whose
    process has died is taken over at once.
    """

    def __init__(
        self,
        path: str,
        *,
        namespace: str = "default",
        clock: Clock | None = None,
        lease: float = DEFAULT_LEASE,
        migrations: tuple[Migration, ...] = MIGRATIONS,
    ) -> None:
        self._database = Database(path, migrations)
        self._namespace = namespace
        self._clock = SteadyClock(clock or SystemClock())
        # A clock that a test brings stands for all the time there is.
        self._monotonic = time.monotonic if clock is None else _seconds_of(clock)
        self._lease = lease
        self._names = Names(self._database, namespace)
        self._hints = Hints()
        self._holdings = Holdings(self._database)
        self._claims = Claims(self._database, self._names, self._holdings, self._hints)
        self._files = SessionFiles(self._database.path)
        self._offers = Offers(self._database, self._names, self._is_dead)
        self._listing = Listing(self._database, self._names, self._offers, self._clock)
        self._entities = EntityListing(self._database, self._names, self._offers)
        writing = Writing(
            self._database, self._names, self._holdings, self._hints, namespace=namespace
        )
        self._written = Transaction(writing, self._offers)
        self._watch = Watch(lease, self._monotonic)
        self._sessions: dict[str, Session] = {}
        # Sessions to be freed. The value: when it was last renewed, if it is silent rather than
        # known to be dead.
        self._dead: dict[int, int | None] = {}
        self._look_at = 0.0
        self._newest = 0
        self._committed_version = -1
        self._asked_version = -1
        self._has_warned = False
        self._was_taken_away = False

    # ---- open and close ----------------------------------------------------------------------

    def open(self) -> None:
        self._database.open()
        try:
            with self._database.writing():
                self._names.open()
                row = self._database.row(queries.NEWEST)
            version = self._database.data_version()
        except BaseException:
            self._database.close()
            raise
        self._committed_version = self._asked_version = version
        if row is not None and row[0] is not None:
            self._newest = row[0]
            self._clock.has_seen(moment(row[0]))

    def close(self) -> None:
        """Closes the sessions that are still open."""
        try:
            for session in list(self._sessions):
                self.close_session(session)
        finally:
            self._database.close()

    @property
    def renew_every(self) -> float:
        return self._lease / RENEWALS_PER_LEASE

    def now(self) -> datetime:
        return self._clock.now()

    def changed(self) -> bool:
        with self._database.translated():
            self._look_for_the_dead()
            version = self._database.data_version()
        # Who waits for a damaged instance is to be told, as by the commit of another process.
        changed = version != self._asked_version or self._hints.damage
        self._asked_version = version
        self._hints.damage = False
        return changed or bool(self._dead)

    # ---- sessions ----------------------------------------------------------------------------

    def open_session(self, identity: str) -> str:
        self._database.lengthen_log()
        with self._database.writing():
            now = microseconds(self._clock.now())
            row = (self._names.namespace, identity, now)
            number = self._database.execute(queries.OPEN_SESSION, row).lastrowid
            assert number is not None
            # Locked before others can see the row: they would think it dead.
            self._files.hold(number)
            known = [each[0] for each in self._database.rows(queries.SESSIONS)]
        for left in self._files.left_behind(known):
            self._files.remove(left)
        session = str(number)
        self._sessions[session] = Session(number, identity, now)
        return session

    def close_session(self, session: str) -> None:
        its = self._sessions.get(session)
        if its is None:
            return
        with self._database.translated(), self._transaction(None, None) as transaction:
            while not transaction.free(its.number, lost=False):
                pass
            self._close(its.number)
        del self._sessions[session]
        self._files.let_go(its.number)

    def lose_session(self, session: str) -> None:
        """As if the session's process had been killed: what it holds is free at once, and was
        lost. For tests."""
        self._files.lose(self._sessions.pop(session).number)
        self.look_at_others()

    def look_at_others(self) -> None:
        """At the next commit, see which sessions have died, instead of in half a second. For
        tests."""
        self._look_at = 0.0

    def _look_for_the_dead(self) -> None:
        now = self._monotonic()
        # The second condition: a test's clock was set back.
        if not self._sessions or self._look_at - LOOK_EVERY <= now < self._look_at:
            return
        renewals: dict[int, int] = dict(self._database.rows(queries.SESSIONS))
        for session in self._watch.silent(renewals):
            self._dead[session] = renewals[session]
        ours = {session.number for session in self._sessions.values()}
        for session in renewals.keys() - ours:
            if self._files.is_dead(session):
                self._dead[session] = None
        if renewals:
            self._clock.has_seen(moment(max(renewals.values())))
        self._look_at = now + LOOK_EVERY

    def _bury(self, transaction: Transaction) -> list[int]:
        """Free what the dead held. Returns those that are freed of everything."""
        buried: list[int] = []
        renewals: dict[int, int] = dict(self._database.rows(queries.SESSIONS))
        for session, silent_since in self._dead.items():
            if session not in renewals:  # another process was faster
                buried.append(session)
            elif silent_since not in (None, renewals[session]):
                buried.append(session)  # it has come back
            elif transaction.free(session, lost=True):
                self._close(session)
                buried.append(session)
        return buried

    def _close(self, session: int) -> None:
        self._offers.withdraw(session)
        self._database.execute(queries.CLOSE_SESSION, (session,))

    def _is_dead(self, session: int) -> bool:
        """Whether it is known that nothing is to be expected of it."""
        if session in self._dead:
            return True
        if any(each.number == session for each in self._sessions.values()):
            return False
        return self._files.is_dead(session)

    def _announce(self, session: Session, claim: Claim) -> None:
        """Tell the others what this session would take on, if they may not know."""
        known = session.offers
        if known is None or not _offers_the_same(known, claim):
            self._offers.announce(session.number, claim)
        session.offers = claim

    # ---- commits -----------------------------------------------------------------------------

    def commit(self, batch: Batch, /) -> Receipt:
        session = None
        if batch.session is not None:
            session = self._sessions.get(batch.session)
            if session is None:
                raise refusals.not_open(batch.session)
        with self._database.translated():
            self._look_for_the_dead()
            while True:
                try:
                    return self._commit(batch, session)
                except UnreadablePagesError as error:
                    with self._transaction(None, None):
                        self._claims.set_aside(error.damage)

    def _commit(self, batch: Batch, session: Session | None) -> Receipt:
        if session is None or not self._only_claims(batch, session):
            return self._perform(batch, session)
        if batch.claim is not None and not self._others_have_committed():
            receipt = self._nothing(batch.claim, session)
            if receipt is not None:
                return receipt
        try:
            # Most often there is nothing to be had: no need to keep others from writing.
            return self._perform(batch, session, begin=self._database.begin_reading)
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
        return self._perform(batch, session)

    def _only_claims(self, batch: Batch, session: Session) -> bool:
        """Whether nothing is to be written, unless something is there to be claimed."""
        return not (
            batch.creates
            or batch.messages
            or batch.episodes
            or batch.reports
            or batch.heartbeats
            or batch.entities
            or batch.releases
            or self._dead
            or session.offers is None
            or self._is_due_for_renewal(session, microseconds(self._clock.now()))
        )

    def _nothing(self, claim: Claim, session: Session) -> Receipt | None:
        """The answer to a claim, if there is nothing for it."""
        now = microseconds(self._clock.now())
        if now < self._newest or not self._claims.finds_nothing(claim, session.number, now):
            return None
        full = not claim.max_activities
        due = self._claims.next_due(claim, session.number, now, full=full)
        return Receipt(
            cancelled=self._take_told(session),
            next_due=None if due is None else moment(due),
            now=moment(now),
        )

    def _perform(
        self,
        batch: Batch,
        session: Session | None,
        begin: Callable[[], None] | None = None,
    ) -> Receipt:
        buried: list[int] = []
        claimed: Sequence[Claimed] = ()
        tasks: Sequence[ActivityTask] = ()
        claimed_entities: Sequence[ClaimedEntity] = ()
        due: int | None = None
        with self._transaction(batch.claim, session, begin) as transaction:
            now = transaction.writing.now
            renewed_at = None if session is None else self._renew(session, now)
            if self._dead:
                buried = self._bury(transaction)
            stopped = () if session is None else self._asked_by_others(session)
            writing, activities = transaction.writing, transaction.activities
            created = [answer(transaction.creations.create, each) for each in batch.creates]
            sent = [answer(transaction.messages.send, each) for each in batch.messages]
            episodes = [answer(transaction.commit, each) for each in batch.episodes]
            reports = [answer(transaction.report, each) for each in batch.reports]
            heartbeats = [answer(activities.beat, each) for each in batch.heartbeats]
            entities = [answer(transaction.operations.commit, each) for each in batch.entities]
            for lease in batch.releases:
                transaction.give_back(lease)
            writing.write()
            if batch.claim is None or session is None:
                activities.queue_all()
            else:
                taking = Taking(self._claims, batch.claim, session.number, now, transaction)
                due = taking.take()
                claimed, tasks, claimed_entities = taking.claimed, taking.tasks, taking.entities
        self._forget_the_buried(buried)
        self._pass_on((*stopped, *writing.to_stop))
        if session is not None and renewed_at is not None:
            session.renewed_at = renewed_at
            session.stale = False
        return Receipt(
            created=tuple(created),
            sent=tuple(sent),
            episodes=tuple(episodes),
            reports=tuple(reports),
            heartbeats=tuple(heartbeats),
            entities=tuple(entities),
            claimed=tuple(claimed),
            activities=tuple(tasks),
            claimed_entities=tuple(claimed_entities),
            cancelled=() if session is None else self._take_told(session),
            ends=tuple(writing.ends),
            answered=tuple(writing.answered),
            next_due=None if due is None else moment(due),
            now=moment(now),
        )

    @contextlib.contextmanager
    def _transaction(
        self,
        claim: Claim | None,
        session: Session | None,
        begin: Callable[[], None] | None = None,
    ) -> Iterator[Transaction]:
        """All that is done within it, in the file and in what is known of it, or nothing."""
        writing = self._written.writing
        (begin or self._database.begin)()
        try:
            if self._others_have_committed():
                self._notice_others()
            now = self._stamp()
            if claim is not None and session is not None:
                session.fingerprint = claim.fingerprint
                self._claims.learn(claim)
                if session.offers is not claim:
                    self._announce(session, claim)
            if session is None:
                writing.begin(now, NOBODY, "", None)
            else:
                writing.begin(now, session.number, session.fingerprint, claim)
            yield self._written
            self._database.commit()
        except BaseException:
            self._database.roll_back()
            self._holdings.roll_back()
            self._names.forget()
            self._claims.forget()
            for each in self._sessions.values():
                each.offers = None
            raise
        writing.end()
        self._holdings.settle()
        self._newest = now

    def _others_have_committed(self) -> bool:
        return self._database.data_version() != self._committed_version

    def _notice_others(self) -> None:
        self._committed_version = self._database.data_version()
        self._holdings.distrust()
        self._hints.forget()
        self._claims.notice_others()
        for session in self._sessions.values():
            session.stale = True
        # For workers: who sends a command now and then is not to be told with each of them.
        if self._sessions and not self._has_warned and has_wal_reset_defect():
            self._has_warned = True
            _logger.warning(
                "several connections write to %s, and SQLite %s, which this Python is linked to, "
                "has a known defect: very rarely, two that write and checkpoint at the same moment "
                "lose pages of the file (https://sqlite.org/wal.html#walresetbug). It is mended in "
                "3.51.3, 3.50.7 and 3.44.6. Use a Python with one of these, or let one process do "
                "all the work",
                self._database.path,
                sqlite3.sqlite_version,
            )

    # ---- time --------------------------------------------------------------------------------

    def _stamp(self) -> int:
        """The time of a transaction: taken when others cannot write, so that stamps follow the
        order of commits."""
        now = microseconds(self._clock.now())
        if now < self._newest:
            self._follow_back(now)
        return now

    def _follow_back(self, now: int) -> None:
        """The clock was far ahead, and has been set right: what was due by it must not wait
        until then. Timers stay as they are: they name a time."""
        row = self._database.row(queries.SET_BACK_AT)
        held = int(HELD.total_seconds()) * _MICROSECONDS
        if row is None or abs(int(row[0]) - now) > held:  # no other process has done it
            step = self._newest - now
            self._database.execute(queries.HASTEN_INSTANCES, {"now": now})
            self._database.execute(queries.HASTEN_ACTIVITIES, {"now": now, "step": step})
            self._hasten_entities(now)
            self._database.execute(queries.SET_BACK, (str(now),))
        self._hints.forget()

    def _is_due_for_renewal(self, session: Session, now: int) -> bool:
        age = now - session.renewed_at
        return not 0 <= age < int(self.renew_every * _MICROSECONDS)

    def _renew(self, session: Session, now: int) -> int:
        """Returns when it was renewed last, now or before."""
        if not self._is_due_for_renewal(session, now):
            return session.renewed_at
        self._see_whether_it_is_there()
        # A session that was silent may have been removed; it has lost what it held, and goes on.
        if self._database.row(queries.FINGERPRINT, (session.number,)) is None:
            session.offers = None
        number, fingerprint = session.number, session.fingerprint
        row = (number, self._names.namespace, session.identity, now, fingerprint)
        self._database.execute(queries.RENEW, row)
        return now

    def _see_whether_it_is_there(self) -> None:
        is_taken_away = self._database.is_taken_away()
        if is_taken_away and not self._was_taken_away:
            _logger.error(
                "%s was deleted or replaced while this process has it open: nobody else sees what "
                "is done here from now on, and it is lost when this process ends. Stop it, put the "
                "file that is meant in its place, and start it again",
                self._database.path,
            )
        self._was_taken_away = is_taken_away

    def _hasten_entities(self, now: int) -> None:
        for operation, entity, lock, data in self._database.rows(queries.OPERATIONS_AHEAD, (now,)):
            checksum = operation_checksum(entity, now, lock, data)
            self._database.execute(queries.HASTEN_OPERATION, (now, checksum, operation))
        self._database.execute(queries.HASTEN_ENTITIES, {"now": now})

    # ---- what others want, and what they left ------------------------------------------------

    def _asked_by_others(self, session: Session) -> Sequence[Attempt]:
        """Attempts of this session that another connection has asked to stop."""
        if not session.stale:
            return ()
        rows = self._database.rows(queries.ASKED_TO_STOP, (session.number,))
        if not rows:
            return ()
        attempts = {each.key: each for each in self._holdings.attempts_of(session.number)}
        found = [
            self._holdings.cancel(attempts[key].task.lease, cancelling)
            for key, cancelling in rows
            if key in attempts
        ]
        return [attempt for attempt in found if attempt is not None]

    def _forget_the_buried(self, buried: Sequence[int]) -> None:
        for session in buried:
            del self._dead[session]
            self._files.remove(session)

    def _pass_on(self, to_stop: Sequence[Attempt]) -> None:
        if not to_stop:
            return
        sessions = {each.number: each for each in self._sessions.values()}
        for attempt in to_stop:
            session = sessions.get(attempt.session)
            if session is not None:
                session.to_stop.append(attempt)

    def _take_told(self, session: Session) -> tuple[ActivityLease, ...]:
        told, session.to_stop = session.to_stop, []
        # That one has ended meanwhile is no news.
        return tuple([each.task.lease for each in told if self._holdings.runs(each)])

    # ---- reading -----------------------------------------------------------------------------

    def records(self, instance_ids: Sequence[str], /) -> tuple[InstanceRecord | None, ...]:
        with self._database.reading(), self._offers.reading():
            return tuple([self._listing.record(each) for each in instance_ids])

    def at_work(self, instance_ids: Sequence[str], /) -> tuple[bool, ...]:
        with self._database.reading():
            return tuple([self._listing.is_at_work(each) for each in instance_ids])

    def history(self, instance_id: str, /) -> tuple[HistoryEvent, ...]:
        with self._database.reading():
            history = self._listing.history(instance_id)
        if history is None:
            raise refusals.not_found(instance_id, self._namespace)
        return history

    def inbox(self, instance_id: str, /) -> tuple[HistoryEvent, ...]:
        with self._database.reading():
            inbox = self._listing.inbox(instance_id)
        if inbox is None:
            raise refusals.not_found(instance_id, self._namespace)
        return inbox

    def page(self, query: InstanceQuery, /) -> Page:
        with self._database.reading(), self._offers.reading():
            return self._listing.page(query) if _is_text(query) else Page((), None)

    def count(self, query: InstanceQuery, /) -> int:
        with self._database.reading():
            return self._listing.count(query) if _is_text(query) else 0

    def answer(self, request_id: str, /) -> Answer | None:
        with self._database.reading():
            if not _can_be_stored(request_id):
                return None
            return self._listing.answer(request_id, microseconds(self._clock.now() - ANSWER_KEPT))

    def entity(self, entity: EntityId, /) -> EntityRecord | None:
        with self._database.reading():
            can_be = _can_be_stored(entity.type, entity.key)
            return self._entities.entity(entity) if can_be else None

    def entities(self, query: EntityQuery, /) -> EntityPage:
        with self._database.reading(), self._offers.reading():
            can_be = _can_be_stored(query.type, query.key_prefix)
            return self._entities.page(query) if can_be else EntityPage((), more=False)


def _offers_the_same(one: Claim, other: Claim) -> bool:
    return (
        one.orchestrators == other.orchestrators
        and one.any_version == other.any_version
        and one.activities == other.activities
        and one.entities == other.entities
        and one.queues == other.queues
        and one.only == other.only
        and one.fingerprint == other.fingerprint
    )


def _seconds_of(clock: Clock) -> Callable[[], float]:
    return lambda: clock.now().timestamp()


def _is_text(query: InstanceQuery) -> bool:
    """Whether anything can match: what is no valid Unicode was never stored."""
    tags = query.tags
    return _can_be_stored(query.name, query.id_prefix, query.parent_id, *tags, *tags.values())


def _can_be_stored(*texts: str | None) -> bool:
    try:
        refusals.require_text(*texts)
    except SerializationError:
        return False
    return True
