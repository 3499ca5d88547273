"""Lists instances of a cluster. Invariant: newest first, in pages that go on where the one before
ended; an instance that has not gone on in a new run meanwhile is on one of them, once.

Visibility has an order of its own, live ones first, and cannot be told another where it stands on
SQL. So the time is cut into slices with few enough in each to be sorted here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.client import Client, WorkflowExecution

from durable_async.engines.temporal.quoting import moment_text
from durable_async.engines.temporal.reading.visibility import (
    condition_of,
    condition_of_id,
    is_exact,
    matches,
    may_match,
    needs_look,
)
from durable_async.errors import InstanceNotFoundError, StoreError
from durable_async.model.work import InstanceQuery, InstanceRecord, Page

__all__ = ["Listing", "Look"]

Look = Callable[[WorkflowExecution], Awaitable[InstanceRecord | None]]

_AT_ONCE: Final = 16
"""Instances that are looked at at the same time."""

_SLICE: Final = 300
_FIRST_WIDTH: Final = timedelta(hours=1)
_NARROWEST: Final = timedelta(milliseconds=1)
_WIDER: Final = 8
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SOON: Final = timedelta(days=1)
"""How far a cluster's clock may be ahead of ours."""


@attrs.frozen(order=True)
class _Place:
    """started: microseconds since 1970 (UTC), of its newest run."""

    started: int
    instance_id: str

    def __str__(self) -> str:
        return f"{self.started}-{self.instance_id}"

    @classmethod
    def parse(cls, text: str) -> _Place:
        started, _, instance_id = text.partition("-")
        if not started.isdecimal() or not instance_id:
            raise StoreError(
                f"{text!r} is no place in a list of instances of a Temporal cluster. Give `after` "
                "the `next` of the page before, as it is, or leave it out to begin with the newest"
            )
        return cls(int(started), instance_id)

    @classmethod
    def of(cls, row: WorkflowExecution) -> _Place:
        return cls(_microseconds(row.raw_info.start_time), row.id)


class Listing:
    """look: at what visibility does not tell of a row; None if another instance has its id now.
    indexed: whether the cluster has the search attribute for tags."""

    def __init__(self, client: Client, look: Look, *, indexed: bool) -> None:
        self._indexed = indexed
        self._client = client
        self._look = look
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def page(self, query: InstanceQuery) -> Page:
        if query.limit <= 0:
            return Page((), None)
        found: list[tuple[_Place, InstanceRecord]] = []
        async for rows in self._slices(query):
            for begin in range(0, len(rows), query.limit + 1):
                found += await self._looked_up(query, rows[begin : begin + query.limit + 1])
                if len(found) > query.limit:
                    page = found[: query.limit]
                    return Page(tuple([record for _, record in page]), str(page[-1][0]))
        return Page(tuple([record for _, record in found]), None)

    async def count(self, query: InstanceQuery) -> int:
        if is_exact(query):
            return (await self._client.count_workflows(self._condition(query))).count
        count, open_rows = 0, []
        async for row in self._client.list_workflows(self._condition(query)):
            if not may_match(query, row):
                continue
            if not needs_look(query, row):
                count += 1
                continue
            open_rows.append(row)
            if len(open_rows) == _SLICE:
                count += len(await self._looked_up(query, open_rows))
                open_rows.clear()
        return count + len(await self._looked_up(query, open_rows))

    async def runs(self, instance_id: str) -> list[WorkflowExecution]:
        """All that visibility knows under this id, in any order."""
        rows = self._client.list_workflows(condition_of_id(instance_id))
        return [row async for row in rows if row.id == instance_id]

    def _condition(self, query: InstanceQuery) -> str:
        return condition_of(query, indexed=self._indexed)

    # ---- what is found -----------------------------------------------------------------------

    async def _looked_up(
        self, query: InstanceQuery, rows: Iterable[WorkflowExecution]
    ) -> list[tuple[_Place, InstanceRecord]]:
        rows = list(rows)
        records = await asyncio.gather(*[self._record(row) for row in rows])
        return [
            (_Place.of(row), record)
            for row, record in zip(rows, records, strict=True)
            if record is not None and matches(query, record)
        ]

    async def _record(self, row: WorkflowExecution) -> InstanceRecord | None:
        """None if it is gone meanwhile, or another has its id."""
        async with self._places:
            try:
                return await self._look(row)
            except InstanceNotFoundError:
                return None

    # ---- slices of time ----------------------------------------------------------------------

    async def _slices(self, query: InstanceQuery) -> AsyncIterator[list[WorkflowExecution]]:
        """What may be meant, newest first."""
        condition, after = self._condition(query), None
        until = datetime.now(UTC) + _SOON
        if query.after is not None:
            after = _Place.parse(query.after)
            until = _EPOCH + (after.started + 1) * _MICROSECOND
        most, width = max(_SLICE, 2 * query.limit), _FIRST_WIDTH + _SOON
        while True:
            since = None
            if await self._count(condition, None, until) > most:
                width = await self._width(condition, until, width, most)
                since = until - width
            rows = [
                row
                async for row in self._client.list_workflows(_between(condition, since, until))
                if may_match(query, row) and (after is None or _Place.of(row) < after)
            ]
            rows.sort(key=_Place.of, reverse=True)
            yield rows
            if since is None:
                return
            until = since

    async def _width(
        self, condition: str, until: datetime, width: timedelta, most: int
    ) -> timedelta:
        """Of a slice that is not empty, nor too full if that can be."""
        narrow, wide = timedelta(), None
        while True:
            count = await self._count(condition, until - width, until)
            if 0 < count <= most:
                return width
            if count == 0:
                narrow = width
            else:
                wide = width
            if wide is None:
                width *= _WIDER
                if width > until - _EPOCH:
                    return until - _EPOCH
            elif wide - narrow < _NARROWEST:
                return wide
            else:
                width = (narrow + wide) / 2

    async def _count(self, condition: str, since: datetime | None, until: datetime) -> int:
        return (await self._client.count_workflows(_between(condition, since, until))).count


def _between(condition: str, since: datetime | None, until: datetime) -> str:
    begin = "" if since is None else f" AND StartTime >= {moment_text(since)}"
    return f"{condition}{begin} AND StartTime < {moment_text(until)}"


def _microseconds(stamp: Timestamp) -> int:
    return stamp.seconds * 1_000_000 + stamp.nanos // 1_000
