"""Entities as clients read them. Invariant: a state that is read was committed; no worker is asked,
so that it can be read when none runs.

It is what the newest batch of operations came to, in Temporal's history; before the first one, what
the run began with.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Final

import attrs
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload as WirePayload
from temporalio.api.common.v1 import WorkflowExecution as WireExecution
from temporalio.api.history.v1 import HistoryEvent as WireEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.common import RawValue
from temporalio.service import RPCError, RPCStatusCode

from durable_async.engines.temporal.connection import ANSWER
from durable_async.engines.temporal.entities.batches import (
    OPERATE,
    batch_size,
    is_batch_result,
    read_result,
    state_in,
)
from durable_async.engines.temporal.entities.mail import POST, read_letters
from durable_async.engines.temporal.entities.memos import EntityMemo, read_entity_memo
from durable_async.engines.temporal.entities.names import ENTITY, beginning_of_ids, workflow_id_of
from durable_async.engines.temporal.quoting import is_plain, quoted
from durable_async.model.identity import NAMED_LOCK, EntityId
from durable_async.model.payload import Payload
from durable_async.model.work import EntityPage, EntityQuery, EntityRecord

__all__ = ["EntityReading"]

_PAGE: Final = 50
"""Events of history that are read together, the newest first."""

_AT_ONCE: Final = 16


class EntityReading:
    """Raises, throughout: temporalio's RPCError."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def entity(self, entity: EntityId) -> EntityRecord | None:
        async with self._places:
            try:
                handle = self._client.get_workflow_handle(workflow_id_of(entity))
                described = await handle.describe(rpc_timeout=ANSWER)
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return None
                raise
            if described.close_time is not None:
                return None
            record = await self._record(entity, described)
        is_void = record.state is None and not record.queued and record.locked_by is None
        return None if is_void else record

    async def _record(
        self, entity: EntityId, described: WorkflowExecutionDescription
    ) -> EntityRecord:
        memo = read_entity_memo(described.raw_info.memo.fields) or EntityMemo(entity=entity)
        seen = _Seen()
        async for event in self._newest_first(described):
            if seen.take(event):
                break
        return EntityRecord(
            entity=entity,
            state=seen.state,
            updated_at=seen.updated_at or memo.updated_at or described.start_time,
            queued=memo.queued + seen.in_hand + seen.arrived,
            locked_by=memo.locked_by,
        )

    async def _newest_first(
        self, described: WorkflowExecutionDescription
    ) -> AsyncIterator[WireEvent]:
        run = WireExecution(workflow_id=described.id, run_id=described.run_id)
        token = b""
        while True:
            request = GetWorkflowExecutionHistoryReverseRequest(
                namespace=self._client.namespace,
                execution=run,
                maximum_page_size=_PAGE,
                next_page_token=token,
            )
            service = self._client.workflow_service
            page = await service.get_workflow_execution_history_reverse(request, timeout=ANSWER)
            for event in page.history.events:
                yield event
            token = page.next_page_token
            if not token:
                return

    # ---- many --------------------------------------------------------------------------------

    async def page(self, query: EntityQuery) -> EntityPage:
        """Those that visibility knows of, which hears of everything a moment later. It knows no
        order: all that may be meant are looked through for each page."""
        found = [entity async for entity in self._known(query)]
        found = sorted(set(found))
        records: list[EntityRecord] = []
        for begin in range(0, len(found), query.limit + 1):
            some = found[begin : begin + query.limit + 1]
            read = await asyncio.gather(*map(self.entity, some))
            records += [each for each in read if each is not None and each.state is not None]
            if len(records) > query.limit:
                break
        return EntityPage(tuple(records[: query.limit]), more=len(records) > query.limit)

    async def _known(self, query: EntityQuery) -> AsyncIterator[EntityId]:
        async for row in self._client.list_workflows(_condition(query)):
            memo = read_entity_memo(row.raw_info.memo.fields)
            if memo is not None and _is_meant(query, memo.entity):
                yield memo.entity


def _condition(query: EntityQuery) -> str:
    """For at least those that are meant."""
    conditions = [f"WorkflowType = {quoted(ENTITY)}", "ExecutionStatus = 'Running'"]
    if query.type is not None and query.key_prefix is None:
        beginning = beginning_of_ids(query.type)
        if is_plain(beginning):
            # One whose id would be too long begins otherwise.
            hashed = f"WorkflowId STARTS_WITH {quoted(f'{ENTITY}#')}"
            conditions.append(f"(WorkflowId STARTS_WITH {quoted(beginning)} OR {hashed})")
    return " AND ".join(conditions)


def _is_meant(query: EntityQuery, entity: EntityId) -> bool:
    return (
        entity.type != NAMED_LOCK
        and (query.type is None or entity.type == query.type)
        and (query.key_prefix is None or entity.key.startswith(query.key_prefix))
        and (query.after is None or entity > query.after)
    )


@attrs.define
class _Seen:
    """What events say, the newest first. in_hand: operations that run. arrived: operations that
    the workflow has not looked at."""

    state: Payload | None = None
    updated_at: datetime | None = None
    in_hand: int = 0
    arrived: int = 0
    _looked: bool = False  # the workflow, at all that came before
    _handed_out: bool = False  # it is known what is in hand

    def take(self, event: WireEvent) -> bool:
        """Whether older ones say nothing more."""
        if event.HasField("activity_task_completed_event_attributes"):
            result = event.activity_task_completed_event_attributes.result.payloads
            if not result or not is_batch_result(result[0]):
                return False
            self.state, _ = read_result(RawValue(result[0]))
            self.updated_at = _moment(event.event_time)
            return True
        if event.HasField("workflow_execution_started_event_attributes"):
            began = event.workflow_execution_started_event_attributes.input.payloads
            self.state = state_in(_raw(began), 1)
            return True
        self._count(event)
        return False

    def _count(self, event: WireEvent) -> None:
        if event.HasField("workflow_task_completed_event_attributes"):
            self._looked = True
        elif event.HasField("activity_task_scheduled_event_attributes"):
            scheduled = event.activity_task_scheduled_event_attributes
            if scheduled.activity_type.name == OPERATE and not self._handed_out:
                self.in_hand = batch_size(_raw(scheduled.input.payloads))
                self._handed_out = True
        elif event.HasField("activity_task_timed_out_event_attributes"):
            self._handed_out = True
        elif event.HasField("workflow_execution_signaled_event_attributes") and not self._looked:
            signaled = event.workflow_execution_signaled_event_attributes
            if signaled.signal_name == POST:
                _, letters = read_letters(_raw(signaled.input.payloads))
                self.arrived += sum(1 for each in letters if each.input is not None)


def _raw(payloads: Sequence[WirePayload]) -> list[RawValue]:
    return [RawValue(each) for each in payloads]


def _moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)
