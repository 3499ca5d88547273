"""What the claims of one engine are about, and what may be there for them.

Invariant: what is known without a look at the file is what a look would show, or less.
"""

from __future__ import annotations

import logging
from typing import Final, TypeVar

import attrs

from durable_async.engines import refusals
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.database import Database, Row
from durable_async.engines.sqlite.holdings import Holdings
from durable_async.engines.sqlite.lineage import Lineage
from durable_async.engines.sqlite.names import Names
from durable_async.engines.sqlite.writing import NEVER, Hints
from durable_async.model.work import (
    Claim,
)

__all__ = ["Claims", "Damage", "UnreadablePagesError"]

_logger: Final = logging.getLogger("durable_async.engines")

T = TypeVar("T")


@attrs.frozen
class Damage:
    """Something that cannot be read. key: of the instance, or of its activity."""

    key: int
    instance_id: str
    is_activity: bool
    place: str
    why: str


class UnreadablePagesError(Exception):
    """What is to be handed out is on pages that SQLite cannot read. The transaction must be rolled
    back, and `Claims.set_aside` called in another one."""

    def __init__(self, damage: Damage) -> None:
        super().__init__(damage)
        self.damage = damage


class Claims:
    """The claims of one engine. While a claim is made again and again, and finds what the hints
    say, it asks the file one question: whether an instance of its session has news."""

    def __init__(self, database: Database, names: Names, holdings: Holdings, hints: Hints) -> None:
        self.database = database
        self.names = names
        self.holdings = holdings
        self.hints = hints
        self.lineage = Lineage(database, names)
        self.definitions: list[int] = []
        self.queues: list[int] = []
        self.entity_types: list[int] = []
        self.unreadable: set[int] = set()
        self._claim: Claim | None = None
        self._made = -1
        self._newest_definition = 0

    def forget(self) -> None:
        """A transaction came to nothing, and with it the numbers that it gave to names."""
        self._claim = None

    def notice_others(self) -> None:
        """Another connection has committed: there may be versions that were not there before."""
        claim = self._claim
        if claim is None or not claim.any_version:
            return
        if self.names.newest_definition() != self._newest_definition:
            self._made = -1

    def knows(self, claim: Claim) -> bool:
        """Whether the hints are about this claim."""
        known = self._claim
        if claim.any_version and self._made != self.names.made:
            return False
        return known is not None and (
            known is claim
            or (
                known.orchestrators == claim.orchestrators
                and known.activities == claim.activities
                and known.queues == claim.queues
                and known.any_version == claim.any_version
                and known.entities == claim.entities
                and known.only == claim.only
                and known.fingerprint == claim.fingerprint
            )
        )

    def learn(self, claim: Claim) -> None:
        """To be called inside a transaction, before anything else is asked about this claim."""
        if self.knows(claim):
            return
        names = self.names
        exactly = [
            names.definition(*each, queue) for queue in claim.queues for each in claim.orchestrators
        ]
        others = [
            each[0]
            for name in claim.any_version
            for each in names.definitions(name)
            if each[3] in claim.queues
        ]
        self.definitions = list(dict.fromkeys((*exactly, *others)))
        self.queues = [
            names.queue(queue, name) for queue in claim.queues for name in claim.activities
        ]
        self.entity_types = [names.entity_type(name) for name in claim.entities]
        self.hints.forget()
        self._claim = claim
        self._made = names.made
        self._newest_definition = names.newest_definition() if claim.any_version else 0

    def finds_nothing(self, claim: Claim, session: int, now: int) -> bool:
        """Whether there is nothing to hand out, as far as that can be told at a glance."""
        return (
            self.knows(claim)
            and self.hints.instances > now
            and (self.hints.activities > now or not claim.max_activities)
            and (self.hints.entities > now or not claim.max_entities)
            and not self.held(claim, session, now)
        )

    def held(self, claim: Claim, session: int, now: int) -> list[Row]:
        """Instances of this session that have news, and are not in hand."""
        aside = self.holdings.in_hand | self.unreadable
        limit = claim.max_instances + len(aside) + 1
        rows = self.database.rows(queries.READY, (session, now, limit))
        return [row for row in rows if row[0] not in aside] if aside else rows

    def next_due(self, claim: Claim, session: int, now: int, *, full: bool) -> int | None:
        """When this session could take something next. full: it has no place for activities."""
        due = self.hints.instances
        if not full:
            due = min(due, self.hints.activities)
        if claim.max_entities:
            due = min(due, self.hints.entities)
        row = self.database.row(queries.NEXT_READY, (session, now))
        if row is not None and row[0] is not None:
            due = min(due, row[0])
        return due if due < NEVER else None

    def set_aside(self, damage: Damage) -> None:
        """Block the instance, so that it is not handed out."""
        place = f"{self.database.path}, {damage.place}"
        message = refusals.damaged(damage.instance_id, place, damage.why)
        _logger.error("%s", message)
        key = damage.key
        if damage.is_activity:
            row = self.database.row(queries.INSTANCE_OF, (key,))
            self.database.execute(queries.SET_ASIDE, (key,))
            key = 0 if row is None else row[0]
        self.database.execute(queries.SET_ASIDE_INSTANCE, (message, key))
        self.hints.damage = True
        held = self.holdings.find(damage.instance_id)
        if held is not None:
            self.holdings.drop(held)
