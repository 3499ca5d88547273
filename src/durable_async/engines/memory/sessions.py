"""Who is alive. Invariant: what a session holds is its own until it is closed, lost, or silent for
longer than the lease time; then it is free."""

from __future__ import annotations

from datetime import datetime, timedelta

from durable_async.engines import refusals
from durable_async.engines.memory.activities import Activities
from durable_async.engines.memory.episodes import Episodes
from durable_async.engines.memory.operations import Operations
from durable_async.engines.memory.rows import Instance, Session
from durable_async.engines.memory.store import Store
from durable_async.model.options import LOST_WORKER_LIMIT
from durable_async.model.work import ActivityLease, Batch

__all__ = ["Sessions", "take_told"]


class Sessions:
    """lease: how long a session may be silent."""

    def __init__(
        self,
        store: Store,
        lease: timedelta,
        episodes: Episodes,
        activities: Activities,
        operations: Operations,
    ) -> None:
        self._store = store
        self._lease = lease
        self._episodes = episodes
        self._activities = activities
        self._operations = operations

    def open(self) -> str:
        session = f"{next(self._store.numbers)}"
        self._store.sessions[session] = Session(self._store.now)
        return session

    def close(self, session: str, *, lost: bool) -> bool:
        """lost: its process died. Returns whether there was one."""
        if session not in self._store.sessions:
            return False
        self._free(session, lost=lost)
        del self._store.sessions[session]
        return True

    def renew(self, batch: Batch) -> Session | None:
        """Raises: StoreError if the batch is on behalf of one that is not open."""
        if batch.session is None:
            return None
        session = self._store.sessions.get(batch.session)
        if session is None:
            raise refusals.not_open(batch.session)
        session.renewed_at = self._store.now
        session.expired = False
        session.claim = batch.claim or session.claim
        return session

    def free_the_expired(self) -> None:
        """A session that comes back after that has lost what it held, and may go on."""
        for name, session in self._store.sessions.items():
            if not session.expired and self._store.now - session.renewed_at > self._lease:
                session.expired = True
                self._free(name, lost=True)

    def follow_back(self, now: datetime) -> None:
        """The clock has been set back."""
        for session in self._store.sessions.values():
            session.renewed_at = min(session.renewed_at, now)

    def _free(self, session: str, *, lost: bool) -> None:
        for instance in self._store.instances.values():
            if instance.owner == session:
                self._free_instance(instance, session, lost=lost)
        self._activities.free(session, lost=lost)
        self._operations.free(session, lost=lost)

    def _free_instance(self, instance: Instance, session: str, *, lost: bool) -> None:
        if lost and instance.in_hand:
            instance.lost += 1
            if instance.lost >= LOST_WORKER_LIMIT:
                why = refusals.quarantined(instance.id, instance.lost)
                self._episodes.block(instance, why, session)
                return
        self._episodes.release(instance)


def take_told(session: Session | None) -> tuple[ActivityLease, ...]:
    """The attempts that it is to stop, once."""
    if session is None:
        return ()
    told, session.to_tell = session.to_tell, []
    # What has ended meanwhile is not news.
    return tuple([each.lease for each in told if each.owner is not None])
