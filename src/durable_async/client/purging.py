"""Takes ended instances out of the store, many at a time. Invariant: an instance that is live when
its turn comes stays, whatever it was when it was listed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import attrs

from durable_async.client.queries import ended_only
from durable_async.errors import InstanceNotFoundError, InvalidStateError
from durable_async.model.work import InstanceQuery, Purge
from durable_async.ports import Connection

__all__ = ["BATCH", "purged"]

BATCH: Final = 100
"""Instances that are purged in one go; so many at most are in memory."""


async def purged(connection: Connection, query: InstanceQuery) -> AsyncIterator[int]:
    """Purge what `query` finds, newest first; after each batch, how many instances it took out,
    descendants included.

    Raises: ValueError if the query asks for live instances; StoreError: what was told before is
    purged.
    """
    query = attrs.evolve(query, status=ended_only(query.status), limit=BATCH)
    while True:
        page = await connection.page(query)
        yield sum(
            await asyncio.gather(*[_purge(connection, each.instance_id) for each in page.records])
        )
        if page.next is None:
            return
        query = attrs.evolve(query, after=page.next)


async def _purge(connection: Connection, instance_id: str) -> int:
    try:
        return await connection.send(Purge(instance_id=instance_id))
    except (InstanceNotFoundError, InvalidStateError):
        return 0  # gone with its parent, or by another's hand; or started anew in between
