"""The heartbeat of a process: what is asked, run and reported becomes durable turn by turn.

Invariant: nothing is acknowledged, and nothing of a driver's work begins, before the commit that
makes it durable has returned. Whatever was asked is answered, also when the commit fails, and
nothing that may have been stored is tried a second time.

`Turns` runs in whatever thread calls `run_turn`, one call at a time; its other methods may be
called from anywhere.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, TypeVar, assert_never

import attrs

from durable_async.engines.desk import Desk
from durable_async.engines.requests import (
    Answers,
    Asking,
    Attaching,
    Creation,
    Detaching,
    Forgetting,
    Reading,
    Sending,
    Watching,
    refusal_of,
)
from durable_async.engines.watchers import Watchers
from durable_async.errors import DurableError, StoreError
from durable_async.model.outcome import Blocked
from durable_async.model.work import (
    Batch,
    EpisodeCommit,
    Receipt,
)
from durable_async.ports import Driver, DriverWork, Engine

__all__ = ["Turns"]

T = TypeVar("T")

_logger = logging.getLogger("durable_async.engines")

FIRST_REST: Final = 0.05
LONGEST_REST: Final = 1.0
"""Seconds that drivers rest after a commit that failed; doubled each time."""

PAST_DUE_PAUSE: Final = timedelta(milliseconds=50)
"""What is due, and yet was not handed out, is asked for again after this: the driver has no place
for it, and says so by `has_work` as soon as it has."""


@attrs.define(eq=False)
class Seat:
    """A driver at work. stale: something was committed that this driver may take, without its
    claim having seen it. due: when something becomes due that it could take (engine's clock).
    renew_at: by `time.monotonic`. leaving: those who wait for it to have left. failure:
    of its last turn, if that failed."""

    driver: Driver
    stale: bool = True
    due: datetime | None = None
    renew_at: float = 0.0
    leaving: list[asyncio.Future[None]] = attrs.field(factory=list)
    failure: BaseException | None = None


@attrs.define(eq=False)
class Asked:
    """What one turn does for clients."""

    creations: list[Creation] = attrs.field(factory=list)
    sendings: list[Sending] = attrs.field(factory=list)
    readings: list[Reading] = attrs.field(factory=list)

    def writes(self) -> bool:
        return bool(self.creations or self.sendings)


class Turns(Desk):
    """Runs the turns of one open engine, for those who ask at the desk.

    wake: called, from any thread, when `run_turn` has something to do. It must be cheap, and a
    call during a turn must lead to one more turn after it.
    """

    def __init__(self, engine: Engine, *, wake: Callable[[], None]) -> None:
        super().__init__(wake=wake)
        self._engine = engine
        # From here on: touched by the turn's thread alone.
        self._seats: list[Seat] = []
        self._watchers = Watchers(engine)
        self._answers = Answers()
        self._rest = 0.0
        self._rest_until = 0.0  # by time.monotonic()

    # ---- the turn --------------------------------------------------------------------------

    @property
    def listens(self) -> bool:
        """Whether commits of other processes matter here: a driver, or somebody who waits."""
        return bool(self._seats) or bool(self._watchers)

    def run_turn(self) -> float | None:
        """Do all that is to be done now.

        Returns the seconds until it must be called again at the latest: 0 for at once, None
        for not before `wake` is called (or, while it `listens`, others have committed).
        """
        asked = self._take()
        try:
            self._look_at_others()
            self._commit_all(asked)
            self._read_all(asked.readings)
            self._watchers.answer(self._answers)
            self._dismiss()
        except BaseException as error:
            # A mistake in here, or an interrupt: nobody may wait for ever because of it.
            self._refuse_rest(asked, error)
            raise
        finally:
            self._answers.deliver()
        return self._pause()

    @property
    def next_due(self) -> datetime | None:
        """When the engine's clock makes something due, as far as the last turns have shown."""
        return min((seat.due for seat in self._seats if seat.due is not None), default=None)

    def drop(self, driver: Driver) -> None:
        """Let go of a driver as if its process had died: nothing more is asked of it, and its
        session stays as it is. In the turn's thread."""
        self._seats = [seat for seat in self._seats if seat.driver is not driver]

    def close(self) -> None:
        """Refuse whatever is still asked, and give back what drivers hold. Afterwards every
        request is refused at once. To be called when the last turn has run."""
        error = StoreError(
            "the client is closed. What was asked before it closed has been stored or refused; "
            'do the rest inside its "async with" block'
        )
        self.shut(error)
        for seat in self._seats:
            self._abandon(seat, error)
            self._close_session(seat)
        self._seats.clear()
        self._watchers.refuse_all(error, self._answers)
        self._answers.deliver()
        self._refuse_queue(error)

    def _take(self) -> Asked:
        asked = Asked()
        for request in self.take():
            match request:
                case Creation():
                    asked.creations.append(request)
                case Sending():
                    asked.sendings.append(request)
                case Watching() | Asking():
                    self._watchers.add(request)
                case Reading():
                    asked.readings.append(request)
                case Forgetting(waiting):
                    self._watchers.forget(waiting)
                case Attaching(driver):
                    self._seats.append(Seat(driver))
                case Detaching():
                    self._begin_leaving(request)
                case _:
                    assert_never(request)
        return asked

    def _look_at_others(self) -> None:
        if not self.listens or time.monotonic() < self._rest_until:
            return
        try:
            changed = self._engine.changed()
        except Exception:
            _logger.exception("cannot see whether other processes have committed")
            self._begin_rest()
            return
        if changed:
            self._watchers.notice_others()
            for seat in self._seats:
                seat.stale = True

    # ---- committing ------------------------------------------------------------------------

    def _commit_all(self, asked: Asked) -> None:
        """One batch for each driver with something to do; the clients' share rides with the
        first."""
        for seat in self._seats:
            if asked.writes() or self._is_due(seat):
                self._commit(seat, asked)
                asked = Asked()
        if asked.writes():
            self._commit(None, asked)

    def _is_due(self, seat: Seat) -> bool:
        now = time.monotonic()
        if now < self._rest_until:
            return False
        return (
            seat.stale
            or seat.driver.has_work()
            or now >= seat.renew_at
            or (seat.due is not None and self._engine.now() >= seat.due)
        )

    def _commit(self, seat: Seat | None, asked: Asked) -> None:
        work = self._prepare(seat)
        batch = _batch_of(asked, work)
        if batch is None:
            return
        try:
            receipt = self._engine.commit(batch)
        except Exception as error:
            _logger.exception("a commit failed; nothing of it was stored")
            self._begin_rest()
            if seat is not None and work is not None:
                self._abandon(seat, error)
            self._refuse(asked, error, alone=work is None)
            return
        self._acknowledge(asked, receipt)
        if seat is None or work is None:
            self._mark_stale(batch, by=None)
            return
        self._rest = 0.0
        self._settle(seat, work, receipt)
        self._mark_stale(batch, by=seat)

    def _prepare(self, seat: Seat | None) -> DriverWork | None:
        if seat is None or time.monotonic() < self._rest_until:
            return None
        try:
            return seat.driver.prepare(self._engine.now())
        except Exception as error:
            _logger.exception("a worker failed to prepare its turn; it drops what it ran")
            self._begin_rest()
            self._abandon(seat, error)
            return None

    def _settle(self, seat: Seat, work: DriverWork, receipt: Receipt) -> None:
        seat.stale = False
        seat.failure = None
        seat.renew_at = time.monotonic() + self._engine.renew_every
        seat.due = receipt.next_due
        if seat.due is not None and seat.due <= receipt.now:
            seat.due = receipt.now + PAST_DUE_PAUSE
        if self._watchers:
            self._watchers.notice(_stuck(work.episodes))
        try:
            seat.driver.settle(receipt)
        except Exception as error:
            _logger.exception("a worker failed to take up its work; it drops what it ran")
            self._begin_rest()
            self._abandon(seat, error)

    def _mark_stale(self, batch: Batch, *, by: Seat | None) -> None:
        """What was committed may be work for drivers whose claim has not seen it."""
        if by is not None and len(self._seats) == 1:
            return
        if (
            batch.creates
            or batch.messages
            or batch.episodes
            or batch.reports
            or batch.entities
            or batch.releases
        ):
            for other in self._seats:
                if other is not by:
                    other.stale = True

    def _acknowledge(self, asked: Asked, receipt: Receipt) -> None:
        answers = self._answers
        for creation, created in zip(asked.creations, receipt.created, strict=True):
            if isinstance(created, DurableError):
                answers.refuse(creation.answer, created)
            else:
                answers.give(creation.answer, created)
        for sending, reached in zip(asked.sendings, receipt.sent, strict=True):
            if isinstance(reached, DurableError):
                answers.refuse(sending.answer, reached)
            else:
                answers.give(sending.answer, reached)
        if receipt.ends:
            self._watchers.tell_ends(receipt.ends, answers)
        if receipt.answered:
            self._watchers.notice_answers(receipt.answered)

    def _refuse(self, asked: Asked, error: Exception, *, alone: bool) -> None:
        """After a commit that failed.

        A StoreError is for everyone: it is not known when the store will work again, and the
        asker may know better than to wait. Anything else is one part that cannot be stored;
        as nothing of the batch was done, each request is tried once more, by itself.
        """
        parts = list(_each(asked))
        if isinstance(error, StoreError) or (alone and len(parts) == 1):
            for part in parts:
                self._refuse_part(part, error)
            return
        for part in parts:
            batch = _batch_of(part, None)
            assert batch is not None
            try:
                receipt = self._engine.commit(batch)
            except Exception as own:
                _logger.exception("a request cannot be stored")
                self._refuse_part(part, own)
            else:
                self._acknowledge(part, receipt)
                self._mark_stale(batch, by=None)

    def _refuse_part(self, part: Asked, error: BaseException) -> None:
        for creation in part.creations:
            self._answers.refuse(creation.answer, refusal_of(error))
        for sending in part.sendings:
            self._answers.refuse(sending.answer, refusal_of(error))

    def _refuse_rest(self, asked: Asked, error: BaseException) -> None:
        """Those of them that were answered already stay so: the first answer counts."""
        self._begin_rest()
        self._refuse_part(asked, error)
        for reading in asked.readings:
            self._answers.refuse(reading.answer, refusal_of(error))

    def _begin_rest(self) -> None:
        """A store that is out of order must not be asked without end."""
        self._rest = min(LONGEST_REST, self._rest * 2 or FIRST_REST)
        self._rest_until = time.monotonic() + self._rest

    def _abandon(self, seat: Seat, error: BaseException) -> None:
        # What its session holds must be asked for anew, as nobody runs it now.
        seat.stale = True
        seat.failure = error
        try:
            seat.driver.abandon(error)
        except Exception:
            _logger.exception("a worker failed to drop what it ran")

    # ---- reading ---------------------------------------------------------------------------

    def _read_all(self, readings: Iterable[Reading]) -> None:
        for reading in readings:
            try:
                value = reading.read(self._engine)
            except DurableError as error:
                self._answers.refuse(reading.answer, error)
            except Exception as error:
                _logger.exception("cannot read from the store")
                self._answers.refuse(reading.answer, refusal_of(error))
            else:
                self._answers.give(reading.answer, value)

    # ---- drivers that leave ----------------------------------------------------------------

    def _begin_leaving(self, detaching: Detaching) -> None:
        for seat in self._seats:
            if seat.driver is detaching.driver:
                seat.leaving.append(detaching.answer)
                seat.failure = None  # one more turn, even if the last one failed
                return
        self._answers.give(detaching.answer, None)  # it never came, or has left

    def _dismiss(self) -> None:
        """Let go of drivers that leave, once they have nothing more to commit, or cannot."""
        for seat in list(self._seats):
            if not seat.leaving or (seat.failure is None and seat.driver.has_work()):
                continue
            self._seats.remove(seat)
            error = self._close_session(seat) or seat.failure
            for answer in seat.leaving:
                if error is None:
                    self._answers.give(answer, None)
                else:
                    self._answers.refuse(answer, refusal_of(error))
            for other in self._seats:
                other.stale = True  # what one gave back, another may take

    def _close_session(self, seat: Seat) -> Exception | None:
        try:
            self._engine.close_session(seat.driver.session)
        except Exception as error:
            _logger.exception("a worker's leases could not be given back; they end with their time")
            return error
        return None

    # ---- pauses ----------------------------------------------------------------------------

    def _pause(self) -> float | None:
        if self.is_asked:
            return 0.0
        pauses = list(self._pauses())
        return min(pauses) if pauses else None

    def _pauses(self) -> Iterator[float]:
        read = self._watchers.next_read()
        if read is not None:
            yield read
        if not self._seats:
            return
        now = time.monotonic()
        if now < self._rest_until:
            yield self._rest_until - now
            return
        for seat in self._seats:
            if seat.stale or seat.driver.has_work():
                yield 0.0
                return
            yield max(0.0, seat.renew_at - now)
            if seat.due is not None:
                yield max(0.0, (seat.due - self._engine.now()).total_seconds())


def _batch_of(asked: Asked, work: DriverWork | None) -> Batch | None:
    """None if nobody asks for anything."""
    creates = tuple([creation.request for creation in asked.creations])
    messages = tuple([sending.message for sending in asked.sendings])
    if work is None:
        return Batch(creates=creates, messages=messages) if creates or messages else None
    return Batch(
        creates=creates,
        messages=messages,
        session=work.session,
        episodes=work.episodes,
        reports=work.reports,
        heartbeats=work.heartbeats,
        entities=work.entities,
        releases=work.releases,
        claim=work.claim,
    )


def _each(asked: Asked) -> Iterator[Asked]:
    for creation in asked.creations:
        yield Asked(creations=[creation])
    for sending in asked.sendings:
        yield Asked(sendings=[sending])


def _stuck(episodes: Iterable[EpisodeCommit]) -> Iterator[str]:
    """Instances that have come to a stop, by these episodes."""
    for episode in episodes:
        if isinstance(episode.result, Blocked) or episode.result.idle:
            yield episode.lease.instance_id
