"""Runs operations of entities. Invariant: what the store has handed out is run and committed, or
given back; and nothing that cannot be stored, or that breaks down here, is tried for ever.

A batch of operations is run in the turn and committed with it; the lease ends with the commit.
"""

from __future__ import annotations

import functools
import logging
import os
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import attrs

from durable_async.convert.values import CodecError, Converter
from durable_async.core.entity import run_operations
from durable_async.dsl.entities import EntityCode, EntityDefinition
from durable_async.dsl.operations import (
    OperationReporter,
    broken,
    failing,
    named,
    tell_of_failed_signals,
    unfit,
)
from durable_async.dsl.registry import Registry
from durable_async.errors import DurableError, LeaseLostError
from durable_async.model.identity import EntityId
from durable_async.model.work import ClaimedEntity, EntityCommit, EntityLease
from durable_async.worker.limits import BATCH_TIME, TURN_TIME
from durable_async.worker.oversight import NO_OVERSIGHT, Oversight

__all__ = ["Entities"]

_logger: Final = logging.getLogger("durable_async.worker")


@attrs.frozen
class _Ran:
    """A batch that waits for its commit. excuse: it says of its one operation that what that came
    to could not be stored."""

    claimed: ClaimedEntity
    commit: EntityCommit
    excuse: bool = False


class Entities:
    """The entities that one worker runs operations of. All of it runs in the turn's thread."""

    def __init__(
        self, registry: Registry, converter: Converter, oversight: Oversight = NO_OVERSIGHT
    ) -> None:
        self._oversight = oversight
        self._registry = registry
        self._unreadable: list[CodecError] = []  # in the batch that runs
        self._converter = converter.reporting(self._unreadable.append)
        self._codes: dict[EntityDefinition, EntityCode] = {}
        self._due: dict[EntityId, ClaimedEntity] = {}
        self._ran: list[_Ran] = []
        self._excuses: list[_Ran] = []  # for the next turn
        self._singly: dict[EntityId, int] = {}  # how many operations still to be run one by one
        self._held: list[EntityLease] = []  # of entities whose failures cannot even be stored
        self._releases: list[EntityLease] = []
        self._closed = False

    def has_work(self) -> bool:
        return bool(self._due or self._releases or self._excuses)

    @property
    def backlog(self) -> int:
        """How many entities are still to be run."""
        return len(self._due)

    def accept(self, claimed: Iterable[ClaimedEntity]) -> None:
        """Entities with something to do, as the store hands them out."""
        for each in claimed:
            if self._closed:
                self._releases.append(each.lease)
            else:
                self._due[each.lease.entity] = each

    # ---- a turn ----------------------------------------------------------------------------

    def run(self, now: datetime, limit: int | None = None) -> tuple[EntityCommit, ...]:
        """Run what is due, as far as the time of a turn allows; `settle`, `abandon` or `condemn`
        follows. limit: run no more than so many."""
        until = time.monotonic() + TURN_TIME
        self._ran = self._excuses[:limit]
        del self._excuses[: len(self._ran)]
        for entity in list(self._due):
            if len(self._ran) == limit or (self._ran and time.monotonic() > until):
                break
            ran = self._run(self._due.pop(entity), now)
            if ran is not None:
                self._ran.append(ran)
        return tuple(ran.commit for ran in self._ran)

    def take_releases(self) -> tuple[EntityLease, ...]:
        """Leases to be given up in this turn."""
        releases, self._releases = self._releases, []
        return tuple(releases)

    def settle(self, refusals: Iterable[DurableError | None]) -> None:
        """What became of the commits of this turn, in their order."""
        ran, self._ran = self._ran, []
        for each, error in zip(ran, refusals, strict=True):
            if error is None:
                self._committed(each)
            elif isinstance(error, LeaseLostError):
                _logger.warning("%s: %s", named(each.commit.lease.entity), error)
            else:
                self._refused(each, error)

    def abandon(self, releases: Iterable[EntityLease]) -> None:
        """Nothing of the turn was committed. releases: those of that turn."""
        ran, self._ran = self._ran, []
        self._releases.extend(each.commit.lease for each in ran)
        self._releases.extend(releases)

    def condemn(self, releases: Iterable[EntityLease], error: Exception) -> None:
        """As `abandon`, when the only batch of the turn is to blame."""
        ran, self._ran = self._ran, []
        for each in ran:
            self._refused(each, error)
        self._releases.extend(releases)

    def close(self) -> None:
        """Give up every lease; take on none again."""
        self._closed = True
        self._releases.extend(each.lease for each in self._due.values())
        self._releases.extend(each.commit.lease for each in self._excuses)
        self._releases.extend(self._held)
        self._due.clear()
        self._excuses.clear()
        self._held.clear()

    # ---- one batch -------------------------------------------------------------------------

    def _run(self, claimed: ClaimedEntity, now: datetime) -> _Ran | None:
        """None if no definition of it is here."""
        entity = claimed.lease.entity
        code = self._code(entity.type)
        if code is None:
            self._releases.append(claimed.lease)
            return None
        single = entity in self._singly
        until = time.monotonic() + BATCH_TIME
        try:
            commit = self._oversight.call(
                f"operations of entity {entity.type}",
                entity.key,
                functools.partial(
                    run_operations,
                    code,
                    claimed,
                    now,
                    os.urandom(16),
                    goes_on=lambda: not single and time.monotonic() < until,
                    report=OperationReporter(entity),
                ),
            )
        except Exception as error:
            # Not the user's: what their code raises is the failure of an operation. It must not
            # stop the others, nor be tried without end.
            _logger.exception("%s: an operation broke down", named(entity))
            commit = failing(claimed, broken(entity, error), self._converter)
        if self._unreadable:
            # No fault of who called: what came of it is dropped. The lease is kept, so that nobody
            # tries without end; it ends with this worker.
            _logger.error("%s stands still: %s", named(entity), self._unreadable[0])
            self._unreadable.clear()
            self._held.append(claimed.lease)
            return None
        return _Ran(claimed, commit)

    def _code(self, name: str) -> EntityCode | None:
        definition = self._registry.entity(name)
        if definition is None:
            return None
        code = self._codes.get(definition)
        if code is None:
            code = self._codes[definition] = EntityCode(definition, self._converter)
        return code

    # ---- what the store said ---------------------------------------------------------------

    def _committed(self, ran: _Ran) -> None:
        self._count_down(ran.commit.lease.entity, len(ran.commit.results))
        tell_of_failed_signals(ran.claimed, ran.commit, self._converter)

    def _refused(self, ran: _Ran, error: Exception) -> None:
        """What it came to cannot be stored: find the operation to blame, and let that fail."""
        lease = ran.commit.lease
        entity, count = lease.entity, len(ran.commit.results)
        if ran.excuse:
            # The lease is kept, so that nobody tries without end; it ends with this worker.
            _logger.error("%s stands still: %s", named(entity), error)
            self._held.append(lease)
        elif count > 1:
            self._singly[entity] = count
            self._releases.append(lease)
        else:
            _logger.error("%s: what an operation came to is refused: %s", named(entity), error)
            refusal = unfit(ran.claimed.operations[0].name, error)
            commit = failing(ran.claimed, refusal, self._converter)
            self._excuses.append(_Ran(ran.claimed, commit, excuse=True))

    def _count_down(self, entity: EntityId, done: int) -> None:
        left = self._singly.get(entity, 0) - done
        if left > 0:
            self._singly[entity] = left
        else:
            self._singly.pop(entity, None)
