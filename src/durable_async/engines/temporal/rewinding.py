"""Failed instances that go on from before their failure. Invariant: the new run is the same
execution, with its id and what stays of its history; whatever cannot be taken back is refused, and
then nothing has changed.

It begins with what the failed run has left behind in its history: no worker is asked, for those
there are may have the mended code already, which would not come to that failure.
"""

from __future__ import annotations

import contextlib
import logging
from typing import Final, TypeGuard

import attrs
from temporalio.api.common.v1 import WorkflowExecution as WireExecution
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import WorkflowExecutionDescription
from temporalio.common import RawValue, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from durable_async.core.rewind import rewound
from durable_async.engines import refusals
from durable_async.engines.temporal.connection import ANSWER, Connection
from durable_async.engines.temporal.memos import memo_of_same, read_memo
from durable_async.engines.temporal.reading.instances import InstanceReading
from durable_async.engines.temporal.requests import lost_answers, memo_without
from durable_async.engines.temporal.snapshots import (
    Child,
    GoesOn,
    is_delivered,
    pack_events,
    remains_in,
    unpack_packed,
)
from durable_async.errors import EngineLimitError, InstanceNotFoundError, StoreError
from durable_async.model.commands import StartChild, StartInstance
from durable_async.model.creation import CreateInstance
from durable_async.model.history import CallCompleted, CancelRequested, Delivered, HistoryEvent
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import InstanceRecord

__all__ = ["Rewinder"]

_logger: Final = logging.getLogger("durable_async.engines")

_NEAR_THE_END: Final = 20
"""Events among which a failed run has left what it may be rewound from."""

_PAYLOAD_LIMIT: Final = 2_000_000
_MESSAGE_LIMIT: Final = 3_500_000
"""Bytes that Temporal takes in one argument, and in all of them."""

Described = WorkflowExecutionDescription


@attrs.frozen
class Rewinder:
    """Of one connection."""

    connection: Connection
    reading: InstanceReading

    async def rewind(self, instance_id: str) -> None:
        """Raises: InvalidStateError if it has not failed; EngineLimitError if it cannot be taken
        back here; StoreError."""
        described = await self.connection.describe(instance_id)
        record = await self.reading.read(described)
        if record.status is not RuntimeStatus.FAILED:
            raise refusals.not_failed(instance_id, record.status)
        goes_on = await self._taken_back(described, record)
        arguments = goes_on.arguments(record.input)
        _require_fits(instance_id, arguments)
        try:
            await self.connection.client.start_workflow(
                record.name,
                args=arguments,
                id=instance_id,
                task_queue=record.queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                memo=goes_on.memo_fields(),
                search_attributes=await self.connection.attributes_for(record.tags),
            )
        except WorkflowAlreadyStartedError as error:
            now = await self.reading.read(await self.connection.describe(instance_id))
            raise refusals.not_failed(instance_id, now.status) from error
        except RPCError as error:
            raise self.connection.unanswered(error) from error
        # Or it would be listed beside the new one. It goes on, whatever comes of this.
        with contextlib.suppress(StoreError):
            await self.connection.delete_run(instance_id, described.run_id)

    async def _taken_back(self, described: Described, record: InstanceRecord) -> GoesOn:
        """And the failed children that it waits for."""
        instance_id = record.instance_id
        remains = await self._remains(described)
        history, fields = unpack_packed(remains.history), described.raw_info.memo.fields
        past = rewound(history)
        lost = lost_answers(fields, past.history, history[len(past.history) :])
        for event in past.dropped:
            _logger.info("%s", refusals.dropped_by_rewind(instance_id, event))
        news = [*past.redeliver]
        children: dict[int, Child | GoesOn] = {}
        for command in past.commands:
            match command:
                case StartChild(number=number, request=request):
                    child = await self._child(number, request)
                    if isinstance(child, CallCompleted):
                        news.append(child)
                    elif child is not None:
                        children[number] = child
                case StartInstance(number=number, request=request):
                    if await self._is_there(request):
                        news.append(CallCompleted(number=number))
                case _:
                    pass  # the new run asks for what is open in its history, and for its locks
        news += [each for each in unpack_packed(remains.news) if _is_for_later(each)]
        return GoesOn(
            carried=remains.carried.without_answers(lost),
            history=pack_events(past.history).payload.data,
            news=pack_events(news).payload.data,
            memo=memo_of_same(
                memo_without(fields, lost),
                record.execution_id,
                record.created_at,
                record.tags,
            ),
            children=children,
        )

    async def _remains(self, described: Described) -> GoesOn:
        client = self.connection.client
        request = GetWorkflowExecutionHistoryReverseRequest(
            namespace=client.namespace,
            execution=WireExecution(workflow_id=described.id, run_id=described.run_id),
            maximum_page_size=_NEAR_THE_END,
        )
        service = client.workflow_service
        try:
            last = await service.get_workflow_execution_history_reverse(request, timeout=ANSWER)
        except RPCError as error:
            raise self.connection.unanswered(error) from error
        for event in last.history.events:
            if event.HasField("marker_recorded_event_attributes"):
                details = event.marker_recorded_event_attributes.details
                for payload in details["result"].payloads:
                    remains = remains_in(payload)
                    if remains is not None:
                        return remains
        raise _cannot(
            described.id,
            "its run has left nothing to go on with: Temporal ended it, or its history is too long",
        )

    # ---- children and detached instances -----------------------------------------------------

    async def _child(
        self, number: int, request: CreateInstance
    ) -> Child | GoesOn | CallCompleted | None:
        """The child that is waited for goes on, or answers, as it stands. One that was cancelled or
        terminated begins anew. None: it is gone, or another one has its id."""
        try:
            there = await self.connection.describe(request.instance_id)
        except InstanceNotFoundError:
            return None
        memo, parent = read_memo(there.raw_info.memo.fields), request.parent
        if parent is None or (memo.parent_execution_id, memo.number) != (
            parent.execution_id,
            parent.number,
        ):
            return None
        record = await self.reading.read(there)
        match record.status:
            case RuntimeStatus.COMPLETED:
                return CallCompleted(number=number, result=record.output)
            case RuntimeStatus.FAILED:
                return await self._taken_back(there, record)
            case RuntimeStatus.CANCELLED | RuntimeStatus.TERMINATED:
                return "anew"
            case _:
                return "awaited"

    async def _is_there(self, request: CreateInstance) -> bool:
        """It was started before; that is the answer."""
        try:
            there = await self.reading.read(await self.connection.describe(request.instance_id))
        except InstanceNotFoundError:
            return False
        return there.execution_id == request.execution_id


def _is_for_later(event: HistoryEvent) -> TypeGuard[Delivered]:
    """Whether an instance that goes on is to hear of it: who asked the failed one to cancel itself
    has what they wanted."""
    return is_delivered(event) and not isinstance(event, CancelRequested)


def _require_fits(instance_id: str, arguments: list[RawValue]) -> None:
    sizes = [len(each.payload.data) for each in arguments]
    if max(sizes) > _PAYLOAD_LIMIT or sum(sizes) > _MESSAGE_LIMIT:
        raise _cannot(
            instance_id,
            f"its history, with those of its failed children, has {sum(sizes):,} bytes, and "
            f"Temporal takes {_MESSAGE_LIMIT:,}",
        )


def _cannot(instance_id: str, why: str) -> EngineLimitError:
    return EngineLimitError(
        f"instance {instance_id!r} cannot be rewound on Temporal: {why}. Restart it, which runs it "
        "again from its beginning"
    )
