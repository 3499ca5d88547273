"""What the sessions of a file would take on.

Invariant: an offer is as old as its session's last claim, and counts for as long as the session is
not known to be dead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.database import Database, Row
from durable_async.engines.sqlite.names import Names
from durable_async.model.work import Claim

__all__ = ["Offers"]

_EXACTLY, _ANY_VERSION, _ACTIVITY, _ENTITY = range(4)
"""`kind` of an offer: see `schema`."""

_EVERYTHING: Final = ""
"""The scope of a session that works for all instances."""

Offer = tuple[int, int, str]


class Offers:
    """is_dead: whether the process of a session is known to have ended."""

    def __init__(self, database: Database, names: Names, is_dead: Callable[[int], bool]) -> None:
        self._database = database
        self._names = names
        self._is_dead = is_dead
        self._found: dict[tuple[int, int], list[Row]] | None = None  # while one is reading

    # ---- written -----------------------------------------------------------------------------

    def announce(self, session: int, claim: Claim) -> None:
        """To be called inside a transaction, when the claim of the session has changed."""
        self.withdraw(session)
        offers = [(*offer, session) for offer in self._of(claim)]
        self._database.executemany(queries.OFFER, offers)
        self._database.execute(queries.SET_FINGERPRINT, (claim.fingerprint, session))

    def withdraw(self, session: int) -> None:
        self._database.execute(queries.WITHDRAW_OFFERS, (session,))

    def _of(self, claim: Claim) -> set[Offer]:
        names = self._names
        kinds = [
            *(
                (_EXACTLY, names.definition(*each, queue))
                for queue in claim.queues
                for each in claim.orchestrators
            ),
            *(
                (_ANY_VERSION, names.definition(each, None, queue))
                for queue in claim.queues
                for each in claim.any_version
            ),
            *(
                (_ACTIVITY, names.queue(queue, each))
                for queue in claim.queues
                for each in claim.activities
            ),
            *((_ENTITY, names.entity_type(each)) for each in claim.entities),
        ]
        scopes = (_EVERYTHING,) if claim.only is None else claim.only
        return {(kind, what, scope) for kind, what in kinds for scope in scopes}

    # ---- read --------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Within one transaction each offer is read once, however many instances it is for."""
        self._found = {}
        try:
            yield
        finally:
            self._found = None

    def _rows(self, kind: int, what: int) -> list[Row]:
        found = self._found
        if found is None:
            return self._database.rows(queries.OFFERED, (kind, what))
        rows = found.get((kind, what))
        if rows is None:
            rows = found[kind, what] = self._database.rows(queries.OFFERED, (kind, what))
        return rows

    def versions(self, name: str) -> list[str | None]:
        """Of this orchestrator, that sessions would run."""
        return [
            version
            for number, _, version, _ in self._names.definitions(name)
            if self._is_offered(_EXACTLY, number, None)
        ]

    def takes_orchestrator(self, definition: int, scopes: Sequence[str]) -> bool:
        """scopes: ids of the instance and of its ancestors."""
        if self._is_offered(_EXACTLY, definition, scopes):
            return True
        known = self._names.definition_of(definition)
        if known is None:
            return False
        unversioned = self._names.find_definition(known[0], None, known[2])
        return unversioned is not None and self._is_offered(_ANY_VERSION, unversioned, scopes)

    def takes_activity(self, queue: int, scopes: Sequence[str]) -> bool:
        return self._is_offered(_ACTIVITY, queue, scopes)

    def takes_entity(self, type_: int) -> bool:
        """Whoever it is for."""
        return self._is_offered(_ENTITY, type_, None)

    def _is_offered(self, kind: int, what: int, scopes: Sequence[str] | None) -> bool:
        for session, scope in self._rows(kind, what):
            fits = scopes is None or scope == _EVERYTHING or scope in scopes
            if fits and not self._is_dead(session):
                return True
        return False
