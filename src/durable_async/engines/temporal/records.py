"""What Temporal tells of a workflow, as an InstanceRecord. Invariant: nothing here asks a worker:
what has been recorded can be read when none runs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.history.v1 import HistoryEvent as WireEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import WorkflowExecutionDescription, WorkflowExecutionStatus

from durable_async.engines.temporal.memos import (
    CUSTOM_STATUS,
    IDLE,
    REASON,
    SUSPENDED,
    Memo,
    payload_in,
    read_memo,
    tags_of,
)
from durable_async.engines.temporal.payloads import NONE, failure_in, from_wire
from durable_async.model.failure import Failure
from durable_async.model.history import FORMAT, ExecutionStarted
from durable_async.model.identity import Caller
from durable_async.model.payload import Payload
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import ActivityRecord, InstanceRecord

__all__ = [
    "continues_as",
    "created_at",
    "input_of",
    "is_idle",
    "is_retried",
    "record_of",
    "started_of",
    "why_held",
]

_STATUS: Final = {
    WorkflowExecutionStatus.RUNNING: RuntimeStatus.RUNNING,
    WorkflowExecutionStatus.COMPLETED: RuntimeStatus.COMPLETED,
    WorkflowExecutionStatus.FAILED: RuntimeStatus.FAILED,
    WorkflowExecutionStatus.CANCELED: RuntimeStatus.CANCELLED,
    WorkflowExecutionStatus.TERMINATED: RuntimeStatus.TERMINATED,
    WorkflowExecutionStatus.CONTINUED_AS_NEW: RuntimeStatus.RUNNING,
    WorkflowExecutionStatus.TIMED_OUT: RuntimeStatus.FAILED,
}


def input_of(first: WireEvent) -> Payload:
    """first: of the history."""
    payloads = first.workflow_execution_started_event_attributes.input.payloads
    return from_wire(payloads[0]) if payloads else NONE


def continues_as(last: WireEvent) -> str | None:
    """The id of the run that follows this end; None if none does."""
    if last.HasField("workflow_execution_continued_as_new_event_attributes"):
        return last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return None


def created_at(run: WorkflowExecutionDescription) -> datetime:
    """When the instance came to be, of which this may be a later run."""
    return read_memo(run.raw_info.memo.fields).created_at or run.start_time


def is_idle(run: WorkflowExecutionDescription) -> bool:
    """Whether its code waited for what cannot come, when it ran last."""
    return payload_in(run.raw_info.memo.fields, IDLE) is not None


def is_retried(described: WorkflowExecutionDescription) -> bool:
    """Whether an episode of it has failed, and is tried again."""
    return described.raw_description.pending_workflow_task.attempt > 1


def why_held(last: WireEvent) -> str | None:
    """What a failed episode said, if that is the last event of the history."""
    if not last.HasField("workflow_task_failed_event_attributes"):
        return None
    return last.workflow_task_failed_event_attributes.failure.message


def record_of(
    described: WorkflowExecutionDescription,
    first: WireEvent,
    last: WireEvent | None,
    blocked: str | None,
) -> InstanceRecord:
    """first: of the history. last: if it has ended. blocked: why, if it is."""
    info, memo = described.raw_info, read_memo(described.raw_info.memo.fields)
    status = _status(described, last, blocked)
    failure = _failure(described, last) if status is RuntimeStatus.FAILED else None
    return InstanceRecord(
        instance_id=described.id,
        execution_id=_execution_id(memo, first),
        name=described.workflow_type,
        version=memo.version,
        status=status,
        custom_status=payload_in(info.memo.fields, CUSTOM_STATUS),
        input=input_of(first),
        output=_output(last) if status is RuntimeStatus.COMPLETED else None,
        failure=failure,
        created_at=created_at(described),
        updated_at=described.close_time or described.start_time,
        completed_at=described.close_time,
        parent_id=None if memo.detached else described.parent_id,
        tags=tags_of(memo, described.typed_search_attributes),
        history_length=1 if status is RuntimeStatus.PENDING else described.history_length,
        idle=status is RuntimeStatus.RUNNING and is_idle(described),
        blocked=blocked,
        activities=tuple(map(_activity, described.raw_description.pending_activities)),
        queue=described.task_queue,
        suspended=_text_in(described, SUSPENDED) if status is RuntimeStatus.SUSPENDED else None,
        reason=_reason(described, last, status),
    )


def started_of(record: InstanceRecord, first: WireEvent) -> ExecutionStarted:
    """The first event of one that no worker has taken. first: of Temporal's history."""
    started, memo = first.workflow_execution_started_event_attributes, _memo_in(first)
    parent = None
    if record.parent_id is not None:
        execution_id = memo.parent_execution_id or started.parent_workflow_execution.run_id
        number = -1 if memo.number is None else memo.number
        parent = Caller(record.parent_id, execution_id, number)
    return ExecutionStarted(
        format=FORMAT,
        instance_id=record.instance_id,
        execution_id=record.execution_id,
        name=record.name,
        version=record.version,
        input=record.input,
        parent=parent,
        queue=record.queue,
        tags=record.tags,
        at=record.created_at,
    )


def _memo_in(first: WireEvent) -> Memo:
    return read_memo(first.workflow_execution_started_event_attributes.memo.fields)


def _execution_id(memo: Memo, first: WireEvent) -> str:
    started = first.workflow_execution_started_event_attributes
    return memo.execution_id or started.original_execution_run_id


def _status(
    described: WorkflowExecutionDescription, last: WireEvent | None, blocked: str | None
) -> RuntimeStatus:
    status = _STATUS[described.status or WorkflowExecutionStatus.RUNNING]
    if blocked is not None:
        return RuntimeStatus.BLOCKED
    is_first = read_memo(described.raw_info.memo.fields).created_at is None
    if status is RuntimeStatus.RUNNING and described.history_length <= 2 and is_first:
        return RuntimeStatus.PENDING
    if status is RuntimeStatus.RUNNING and _text_in(described, SUSPENDED) is not None:
        return RuntimeStatus.SUSPENDED
    if status is RuntimeStatus.FAILED and last is not None:
        failed = last.workflow_execution_failed_event_attributes.failure
        if failed.HasField("canceled_failure_info"):
            return RuntimeStatus.CANCELLED  # a later run of one that was asked to cancel itself
    return status


def _output(last: WireEvent | None) -> Payload | None:
    if last is None:
        return None
    payloads = last.workflow_execution_completed_event_attributes.result.payloads
    return from_wire(payloads[0]) if payloads else NONE


def _failure(described: WorkflowExecutionDescription, last: WireEvent | None) -> Failure:
    if last is not None and last.HasField("workflow_execution_failed_event_attributes"):
        return failure_in(last.workflow_execution_failed_event_attributes.failure)
    return Failure(
        type_name="builtins:TimeoutError",
        message=f"Temporal ended instance {described.id!r}, as it took longer than a limit that "
        "was set for it at Temporal",
    )


def _reason(
    described: WorkflowExecutionDescription, last: WireEvent | None, status: RuntimeStatus
) -> str | None:
    match status:
        case RuntimeStatus.TERMINATED if last is not None:
            return last.workflow_execution_terminated_event_attributes.reason
        case RuntimeStatus.CANCELLED:
            return _text_in(described, REASON) or ""
        case _:
            return None


def _text_in(described: WorkflowExecutionDescription, key: str) -> str | None:
    payload = payload_in(described.raw_info.memo.fields, key)
    return None if payload is None else msgspec.json.decode(payload.data, type=str)


def _activity(pending: PendingActivityInfo) -> ActivityRecord:
    running = pending.state in (
        PendingActivityState.PENDING_ACTIVITY_STATE_STARTED,
        PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED,
    )
    failed = pending.HasField("last_failure")
    return ActivityRecord(
        number=int(pending.activity_id) if pending.activity_id.isdecimal() else -1,
        name=pending.activity_type.name,
        attempt=pending.attempt,
        running=running,
        due_at=None if running else _moment(pending.scheduled_time),
        last_failure=failure_in(pending.last_failure) if failed else None,
    )


def _moment(stamp: Timestamp) -> datetime | None:
    return stamp.ToDatetime(UTC) if stamp.seconds else None
