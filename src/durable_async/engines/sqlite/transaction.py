"""One batch, being written.

Invariant: a part that is refused leaves nothing behind, and the others are done all the same.

`writing` (the rows that are collected), and what is written about, each a noun: `creations`,
`messages`, `delivery` (events), `episodes`, `activities`, `calls` (what an execution asks of
others), `ends`, `rewinding`, `queueing` (entities and their locks), `operations`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from durable_async.engines import refusals
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.activities import Activities
from durable_async.engines.sqlite.calls import Calls
from durable_async.engines.sqlite.creations import Creations
from durable_async.engines.sqlite.delivery import Delivery
from durable_async.engines.sqlite.ends import Ends
from durable_async.engines.sqlite.episodes import Episodes
from durable_async.engines.sqlite.messages import Messages
from durable_async.engines.sqlite.offers import Offers
from durable_async.engines.sqlite.operations import Operations
from durable_async.engines.sqlite.queueing import Queueing
from durable_async.engines.sqlite.rewinding import Rewinding
from durable_async.engines.sqlite.standing import STATUSES, find
from durable_async.engines.sqlite.writing import Writing
from durable_async.errors import DurableError, LeaseLostError
from durable_async.model.options import LOST_WORKER_LIMIT
from durable_async.model.work import (
    ActivityLease,
    ActivityReport,
    EntityLease,
    EpisodeCommit,
    Lease,
)

__all__ = ["SLICE", "Transaction", "answer"]

_logger: Final = logging.getLogger("durable_async.engines")

R = TypeVar("R")

SLICE: Final = 5_000
"""Instances of one dead session that are freed in one commit: the others must not wait long."""


class Transaction:
    """Its parts are what can be done in it. Made once for an engine, as `Writing` is."""

    def __init__(self, writing: Writing, offers: Offers) -> None:
        self.writing = writing
        self.activities = Activities(writing)
        self.queueing = Queueing(writing)
        self.ends = Ends(writing, self.activities, self.queueing)
        self.creations = Creations(writing, offers)
        delivery = Delivery(writing, self.ends)
        calls = Calls(writing, self.creations, self.ends, self.queueing, delivery)
        self.episodes = Episodes(writing, self.activities, self.ends, self.creations, calls)
        rewinding = Rewinding(writing, self.episodes, calls, self.queueing)
        self.messages = Messages(writing, self.ends, self.queueing, delivery, rewinding)
        self.operations = Operations(writing, self.queueing, self.creations, delivery)

    # ---- what a session has done -------------------------------------------------------------

    def commit(self, commit: EpisodeCommit) -> None:
        try:
            self.episodes.commit(commit)
        except LeaseLostError as error:
            error.became = self._became(commit.lease)
            raise

    def report(self, report: ActivityReport) -> None:
        try:
            self.activities.report(report)
        except LeaseLostError as error:
            error.became = self._became(report.lease)
            raise

    def _became(self, lease: Lease | ActivityLease) -> str:
        self.writing.write()
        there = find(self.writing, lease.instance_id)
        now = None if there is None else (there.lease.execution_id, STATUSES[there.status])
        return refusals.became(lease, now)

    # ---- leases ------------------------------------------------------------------------------

    def give_back(self, lease: Lease | EntityLease) -> None:
        try:
            if isinstance(lease, EntityLease):
                self.operations.give_back(lease)
            else:
                held = self.writing.holdings.held(lease, self.writing.session)
                self.episodes.release(held)
        except LeaseLostError:
            _logger.debug("not given back, as it was lost before: %s", lease)

    def free(self, session: int, *, lost: bool) -> bool:
        """Take from a session what it holds, a slice at a time; whether that was all.

        lost: its process died with it. What is idle stays in its lane: see `queries.NOTIFY`.
        """
        writing = self.writing
        self.activities.free(session, lost=lost)
        writing.write()
        entities = self.operations.free(session, SLICE, lost=lost)
        writing.write()
        if lost:
            self._count_lost(session)
        # Last: what has just come to an end may have given some of them news.
        freed = writing.database.execute(queries.RELEASE_ALL, (session, SLICE)).rowcount
        writing.holdings.drop_session(session)
        writing.hints.forget()
        return freed < SLICE and entities < SLICE

    def _count_lost(self, session: int) -> None:
        """Whoever held it died with an episode of it in hand (E14)."""
        database, now = self.writing.database, self.writing.now
        database.execute(queries.COUNT_LOST, (session, now, SLICE))
        which = (session, now, LOST_WORKER_LIMIT, SLICE)
        for key, instance_id, lost in database.rows(queries.LOST_TOO_OFTEN, which):
            row = database.row(queries.FINGERPRINT, (session,))
            fingerprint = "" if row is None else row[0]
            why = refusals.quarantined(instance_id, lost)
            _logger.error("%s", why)
            database.execute(queries.QUARANTINE, (why, fingerprint, now, key))
            database.execute(queries.TRIED, (key, fingerprint))


# ---- what needs no transaction -------------------------------------------------------------


def answer(act: Callable[..., R], part: object) -> R | DurableError:
    """A part of a batch that is refused does not keep the others from being done."""
    try:
        return act(part)
    except DurableError as error:
        return error
