"""One instance that a script runs on a store. Invariant: it is run here, its descendants, and what
is awaited, and nothing else of the store.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import attrs

from durable_async.app.one_instance import LAST_ACTIVITIES, OneInstance
from durable_async.client.handle import Handle
from durable_async.core.pending import open_waits
from durable_async.errors import InstanceNotFoundError, StoreError
from durable_async.model.history import HistoryEvent, InstanceAwaited
from durable_async.model.status import ENDED, RuntimeStatus
from durable_async.model.work import InstanceQuery, InstanceRecord
from durable_async.worker.rehearsal import rehearse, unknown_definitions
from durable_async.worker.service import WorkerService
from durable_async.worker.settings import Settings

__all__ = ["OneInStore"]

_LIVE: Final = frozenset(RuntimeStatus) - ENDED


class OneInStore(OneInstance):
    """See OneInstance."""

    _service: WorkerService | None = None

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self._awaited: set[str] = set()  # that are no children of those that await them

    async def _work(self, handle: Handle[Any]) -> None:
        await self._rehearse(handle.id)
        settings = Settings(
            only=frozenset((handle.id, *self._awaited)),
            learns=True,
            observer=self._observe,
            retries_blocked=True,
            drain_timeout=LAST_ACTIVITIES,
            guard=self._guard,
        )
        service = self._service = WorkerService(self._client, self._registry, settings)
        await self._serve(service, handle.id)

    async def _rehearse(self, root: str) -> None:
        """Go over the histories of the instance, and of those live ones that it waits for, before
        anything runs: so their definitions become known."""
        connection, registry = self._client.connection, self._registry
        to_do = [root]
        while to_do:
            instance_id = to_do.pop()
            history = await connection.history(instance_id)
            if instance_id == root:
                self._narrator.recall(history)
            awaited = [wait for wait in open_waits(history) if isinstance(wait, InstanceAwaited)]
            if instance_id == root or awaited or any(unknown_definitions(history, registry)):
                # In a thread: it has a loop of its own to run.
                await asyncio.to_thread(rehearse, history, registry, self._client.converter)
            needed = [each async for each in self._live_children(instance_id)]
            for wait in awaited:
                needed += await self._to_be_run(wait.instance_id)
            for record in needed:
                to_do.append(record.instance_id)
                if record.idle:
                    self._idle[record.instance_id] = ()

    async def _to_be_run(self, instance_id: str) -> list[InstanceRecord]:
        """An instance that is awaited and no child, if it is live, new to us, and can run here."""
        with contextlib.suppress(InstanceNotFoundError):
            record = await self._client.connection.record(instance_id)
            known = self._registry.orchestrator(record.name, record.version) is not None
            if known and record.status in _LIVE and instance_id not in self._awaited:
                self._awaited.add(instance_id)
                return [record]
        return []

    async def _live_children(self, instance_id: str) -> AsyncIterator[InstanceRecord]:
        query = InstanceQuery(parent_id=instance_id, status=_LIVE, internal=True)
        while True:
            page = await self._client.connection.page(query)
            for record in page.records:
                yield record
            if page.next is None:
                return
            query = attrs.evolve(query, after=page.next)

    def _awaits(self, events: Sequence[HistoryEvent]) -> None:
        """Run what is awaited from now on, though it is no child."""
        for event in events:
            if isinstance(event, InstanceAwaited) and event.instance_id not in self._awaited:
                self._awaited.add(event.instance_id)
                assert self._service is not None, "it has told of an episode"
                self._service.admit(event.instance_id)

    def _stuck(self, record: InstanceRecord) -> None:
        if record.status is not RuntimeStatus.BLOCKED:
            self._give_up(self._deadlock(record.instance_id))
        elif record.blocked is not None and record.blocked.startswith("damaged"):
            self._give_up(StoreError(record.blocked))
        # Blocked by its code: it is tried again here, once.
