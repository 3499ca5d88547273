"""Instances as clients read them. Invariant: what is told of an instance is told of the newest that
has its id, over all of its runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs
from temporalio.api.common.v1 import WorkflowExecution as WireExecution
from temporalio.api.history.v1 import HistoryEvent as WireEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import (
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowHandle,
    WorkflowHistoryEventFilterType,
    WorkflowQueryFailedError,
)
from temporalio.common import RawValue

from durable_async.engines import refusals
from durable_async.engines.temporal import signals
from durable_async.engines.temporal.answers import Answered
from durable_async.engines.temporal.connection import ANSWER, Connection
from durable_async.engines.temporal.payloads import document
from durable_async.engines.temporal.reading.event_keys import keys_in
from durable_async.engines.temporal.reading.listing import Listing
from durable_async.engines.temporal.reading.offers import with_offers
from durable_async.engines.temporal.reading.records import (
    began_as,
    continues_as,
    end_in,
    is_idle,
    is_pending,
    is_retried,
    record_of,
    started_of,
    why_cancelled,
    why_held,
)
from durable_async.engines.temporal.reading.visibility import was_replaced
from durable_async.engines.temporal.snapshots import unpack_events
from durable_async.errors import DurableError, InstanceNotFoundError, StoreError
from durable_async.model.history import HistoryEvent
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import InstanceEnd, InstanceQuery, InstanceRecord, Page

__all__ = ["InstanceReading"]

_LOOK_EVERY: Final = 10.0
"""Seconds between two looks whether an instance that is waited for is held up."""

_SMALL: Final = 64 * 1024
_SHORT: Final = 60
"""Bytes and events of a history that is read in one call."""


class InstanceReading:
    """See the methods of `Engine`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def record(self, instance_id: str) -> InstanceRecord:
        described = await self._connection.describe(instance_id)
        record = await self.read(described)
        if record.status.has_ended:
            return record
        return await with_offers(self._connection.client, record, described)

    async def read(
        self, described: WorkflowExecutionDescription, last: WireEvent | None = None
    ) -> InstanceRecord:
        """What is not in the description is in the history. last: its last event, if that is at
        hand."""
        blocked = None
        with self._connection.asking(described.id):
            first, last = await self._outermost(described, last)
            if last is None and is_retried(described):
                blocked = await self._why_held(described.id, described.run_id)
        return record_of(described, first, last, blocked)

    async def _outermost(
        self, run: WorkflowExecution, last: WireEvent | None = None
    ) -> tuple[WireEvent, WireEvent | None]:
        """The first event of its history and, if it has ended, the last."""
        handle = self._connection.handle(run.id, run.run_id)
        if run.close_time is None:
            return await _first_event(handle), None
        if last is not None and last.event_id == run.history_length:
            return await _first_event(handle), last
        if _is_short(run):
            events = await _first_page(handle)
            return events[0], events[-1]
        return await asyncio.gather(_first_event(handle), _last_event(handle))

    async def _why_held(self, instance_id: str, run_id: str) -> str | None:
        client = self._connection.client
        response = await client.workflow_service.get_workflow_execution_history_reverse(
            GetWorkflowExecutionHistoryReverseRequest(
                namespace=client.namespace,
                execution=WireExecution(workflow_id=instance_id, run_id=run_id),
                maximum_page_size=5,
            ),
            timeout=ANSWER,
        )
        events = response.history.events
        return why_held(events[0]) if events else None

    # ---- its end -----------------------------------------------------------------------------

    async def ended(
        self, instance_id: str, *, stuck: Callable[[InstanceRecord], None] | None = None
    ) -> InstanceRecord:
        last = await self._end_event(instance_id, stuck)
        return await self.read(await self._connection.describe(instance_id), last)

    async def end(
        self, instance_id: str, *, stuck: Callable[[InstanceRecord], None] | None = None
    ) -> InstanceEnd:
        """Of most, the last event says all that is asked."""
        last = await self._end_event(instance_id, stuck)
        end = end_in(instance_id, last)
        if end.status is RuntimeStatus.CANCELLED:
            described = await self._connection.describe(instance_id)
            return attrs.evolve(end, reason=why_cancelled(described))
        return end

    async def _end_event(
        self, instance_id: str, stuck: Callable[[InstanceRecord], None] | None
    ) -> WireEvent:
        waiting = asyncio.ensure_future(self._until_ended(instance_id))
        told: str | None = None
        try:
            while not (await asyncio.wait({waiting}, timeout=_LOOK_EVERY))[0]:
                if stuck is None:
                    continue
                described = await self._connection.describe(instance_id)
                if not (is_retried(described) or is_idle(described)):
                    continue
                record = await self.read(described)
                why = record.blocked or ("idle" if record.idle else None)
                if why is not None and why != told:
                    told = why
                    stuck(record)
            return waiting.result()
        finally:
            waiting.cancel()

    async def _until_ended(self, instance_id: str) -> WireEvent:
        run_id: str | None = None
        while True:
            with self._connection.asking(instance_id):
                last = await _last_event(self._connection.handle(instance_id, run_id))
            run_id = continues_as(last)
            if run_id is None:
                return last

    async def end_of(self, instance_id: str) -> Answered:
        """What whoever awaits the instance hears of its end."""
        try:
            end = await self.end(instance_id)
        except InstanceNotFoundError as unknown:
            return Answered(failure=refusals.failure_from(unknown, instance_id=None))
        match end.status:
            case RuntimeStatus.FAILED:
                return Answered(failure=end.failure)
            case RuntimeStatus.CANCELLED:
                error: DurableError = refusals.awaited_cancelled(instance_id, end.reason or "")
            case RuntimeStatus.TERMINATED:
                error = refusals.awaited_terminated(instance_id, end.reason or "")
            case _:
                return Answered(result=end.output)
        return Answered(failure=refusals.failure_from(error, instance_id=instance_id))

    # ---- what it was told, and has done ------------------------------------------------------

    async def history(self, instance_id: str) -> tuple[HistoryEvent, ...]:
        """Asked of a worker: Temporal keeps a history of its own."""
        described = await self._connection.describe(instance_id)
        if is_pending(described):
            with self._connection.asking(instance_id):
                first, _ = await self._outermost(described)
            return (started_of(record_of(described, first, None, None), first),)
        events: list[HistoryEvent] = []
        while True:
            page = await self._history_from(instance_id, len(events))
            events += page
            if not page:
                return tuple(events)

    async def _history_from(self, instance_id: str, begin: int) -> tuple[HistoryEvent, ...]:
        try:
            with self._connection.asking(instance_id):
                answer: RawValue = await self._connection.handle(instance_id).query(
                    signals.HISTORY,
                    args=[document(begin)],
                    result_type=RawValue,
                    rpc_timeout=ANSWER,
                )
        except WorkflowQueryFailedError as error:
            raise StoreError(f"instance {instance_id!r} cannot be read: {error}") from error
        return unpack_events([answer], 0)

    async def has_come(self, instance_id: str, key: str) -> bool:
        """Whether an ended instance was told of an event with this key."""
        with self._connection.asking(instance_id):
            async for event in self._connection.handle(instance_id).fetch_history_events():
                if key in keys_in(event):
                    return True
        return False

    # ---- many --------------------------------------------------------------------------------

    async def page(self, query: InstanceQuery) -> Page:
        """As visibility knows it, which hears of everything a moment later. By the start of the
        newest run."""
        with self._connection.asking():
            return await (await self._listing()).page(query)

    async def count(self, query: InstanceQuery) -> int:
        with self._connection.asking():
            return await (await self._listing()).count(query)

    async def runs(self, instance_id: str) -> list[WorkflowExecution]:
        """All that visibility knows under this id, in any order."""
        with self._connection.asking():
            return await (await self._listing()).runs(instance_id)

    async def _listing(self) -> Listing:
        return Listing(
            self._connection.client, self._listed, indexed=await self._connection.has_index()
        )

    async def _listed(self, row: WorkflowExecution) -> InstanceRecord | None:
        """row: of visibility. None if another instance has its id now."""
        if row.close_time is not None:
            # It changes no more: that the newest run is this one is all there is to make sure of.
            newest = self._connection.handle(row.id)
            with self._connection.asking(row.id):
                if _is_short(row):
                    events = await _first_page(newest)
                    first, last = events[0], events[-1]
                else:
                    this = self._connection.handle(row.id, row.run_id)
                    first, last = await asyncio.gather(_first_event(newest), _last_event(this))
            if began_as(first) == row.run_id:
                return record_of(row, first, last, None)
        described = await self._connection.describe(row.id)
        return None if was_replaced(row, described.run_id) else await self.read(described)


def _is_short(run: WorkflowExecution) -> bool:
    """Whether all of its history is read as fast as one event. run: ended."""
    return 0 < run.history_length <= _SHORT and run.raw_info.history_size_bytes <= _SMALL


async def _first_page(handle: WorkflowHandle[Any, Any]) -> Sequence[WireEvent]:
    events = handle.fetch_history_events(page_size=_SHORT, skip_archival=True)
    await events.fetch_next_page()
    return events.current_page or ()


async def _first_event(handle: WorkflowHandle[Any, Any]) -> WireEvent:
    return await anext(handle.fetch_history_events(page_size=1))


async def _last_event(handle: WorkflowHandle[Any, Any]) -> WireEvent:
    """Waits for it. Of a run."""
    return await anext(
        handle.fetch_history_events(
            wait_new_event=True,
            event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT,
            skip_archival=True,
        )
    )
