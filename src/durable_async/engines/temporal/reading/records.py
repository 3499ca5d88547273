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
from temporalio.client import (
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
)

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
from durable_async.model.work import ActivityRecord, InstanceEnd, InstanceRecord

__all__ = [
    "began_as",
    "continues_as",
    "created_at",
    "end_in",
    "input_of",
    "is_idle",
    "is_pending",
    "is_retried",
    "record_of",
    "started_of",
    "why_cancelled",
    "why_held",
]

_MISFIT: Final = "[TMPRL1100]"
"""How the library begins what it says of code that does not fit a history. It sees that before the
orchestrator's own comparison does, and knows no lines."""

_GO_ON: Final = (
    "If the code has changed, roll it back or make it ask for the same again: the instance then "
    "goes on by itself, nothing of it is lost. `durable check` of the changed code says which "
    "lines differ, while a worker with the code before runs"
)

_ENDS: Final = {
    "workflow_execution_completed_event_attributes": RuntimeStatus.COMPLETED,
    "workflow_execution_canceled_event_attributes": RuntimeStatus.CANCELLED,
    "workflow_execution_terminated_event_attributes": RuntimeStatus.TERMINATED,
}
"""Any other end is a failure."""


def input_of(first: WireEvent) -> Payload:
    """first: of the history."""
    payloads = first.workflow_execution_started_event_attributes.input.payloads
    return from_wire(payloads[0]) if payloads else NONE


def began_as(first: WireEvent) -> str:
    """The id that the run of this history had when it began."""
    return first.workflow_execution_started_event_attributes.original_execution_run_id


def continues_as(last: WireEvent) -> str | None:
    """The id of the run that follows this end; None if none does."""
    if last.HasField("workflow_execution_continued_as_new_event_attributes"):
        return last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return None


def created_at(run: WorkflowExecution) -> datetime:
    """When the instance came to be, of which this may be a later run."""
    return read_memo(run.raw_info.memo.fields).created_at or run.start_time


def is_pending(described: WorkflowExecution) -> bool:
    """Whether no worker has taken it so far."""
    return (
        described.status is WorkflowExecutionStatus.RUNNING
        and described.history_length <= 2
        and read_memo(described.raw_info.memo.fields).created_at is None
    )


def is_idle(run: WorkflowExecution) -> bool:
    """Whether its code waited for what cannot come, when it ran last."""
    return payload_in(run.raw_info.memo.fields, IDLE) is not None


def is_retried(described: WorkflowExecutionDescription) -> bool:
    """Whether an episode of it has failed, and is tried again."""
    return described.raw_description.pending_workflow_task.attempt > 1


def why_held(last: WireEvent) -> str | None:
    """What a failed episode said, if that is the last event of the history."""
    if not last.HasField("workflow_task_failed_event_attributes"):
        return None
    said = last.workflow_task_failed_event_attributes.failure.message
    return f"mismatch: {said}. {_GO_ON}" if said.startswith(_MISFIT) else said


def end_in(instance_id: str, last: WireEvent) -> InstanceEnd:
    """last: of the history of one that has ended. Why it was cancelled is not in there."""
    status = _status_in(last)
    return InstanceEnd(
        instance_id=instance_id,
        status=status,
        output=_output(last) if status is RuntimeStatus.COMPLETED else None,
        failure=_failure(instance_id, last) if status is RuntimeStatus.FAILED else None,
        reason=_why_terminated(last) if status is RuntimeStatus.TERMINATED else None,
    )


def why_cancelled(run: WorkflowExecution) -> str:
    return _text_in(run, REASON) or ""


def record_of(
    run: WorkflowExecution,
    first: WireEvent,
    last: WireEvent | None,
    blocked: str | None,
) -> InstanceRecord:
    """run: its description, or, if it has ended, its row in visibility. first: of the history.
    last: if it has ended. blocked: why, if it is."""
    info, memo = run.raw_info, read_memo(run.raw_info.memo.fields)
    end = None if last is None else end_in(run.id, last)
    status = _status(run, blocked) if end is None else end.status
    reason = why_cancelled(run) if status is RuntimeStatus.CANCELLED else None
    return InstanceRecord(
        instance_id=run.id,
        execution_id=_execution_id(memo, first),
        name=run.workflow_type,
        version=memo.version,
        status=status,
        custom_status=payload_in(info.memo.fields, CUSTOM_STATUS),
        input=input_of(first),
        output=None if end is None else end.output,
        failure=None if end is None else end.failure,
        created_at=created_at(run),
        updated_at=run.close_time or run.start_time,
        completed_at=run.close_time,
        parent_id=None if memo.detached else run.parent_id,
        tags=tags_of(memo, run.typed_search_attributes),
        history_length=1 if status is RuntimeStatus.PENDING else run.history_length,
        idle=status is RuntimeStatus.RUNNING and is_idle(run),
        blocked=blocked,
        activities=_activities(run),
        queue=run.task_queue,
        suspended=_text_in(run, SUSPENDED) if status is RuntimeStatus.SUSPENDED else None,
        reason=reason if end is None else end.reason or reason,
        start_at=_start_at(run, memo) if status is RuntimeStatus.PENDING else None,
    )


def _start_at(run: WorkflowExecution, memo: Memo) -> datetime | None:
    """Not before, if that is later than it was created. Of one that an orchestrator started it is
    in the memo."""
    start_at = memo.start_at or run.execution_time
    return None if start_at is None or start_at <= run.start_time else start_at


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
    return memo.execution_id or began_as(first)


def _status(live: WorkflowExecution, blocked: str | None) -> RuntimeStatus:
    if blocked is not None:
        return RuntimeStatus.BLOCKED
    if is_pending(live):
        return RuntimeStatus.PENDING
    return RuntimeStatus.RUNNING if _text_in(live, SUSPENDED) is None else RuntimeStatus.SUSPENDED


def _status_in(last: WireEvent) -> RuntimeStatus:
    if last.HasField("workflow_execution_failed_event_attributes"):
        failure = last.workflow_execution_failed_event_attributes.failure
        # A later run of one that was asked to cancel itself fails, as Temporal sees it.
        cancelled = failure.HasField("canceled_failure_info")
        return RuntimeStatus.CANCELLED if cancelled else RuntimeStatus.FAILED
    return _ENDS.get(last.WhichOneof("attributes") or "", RuntimeStatus.FAILED)


def _output(last: WireEvent) -> Payload:
    payloads = last.workflow_execution_completed_event_attributes.result.payloads
    return from_wire(payloads[0]) if payloads else NONE


def _failure(instance_id: str, last: WireEvent) -> Failure:
    if last.HasField("workflow_execution_failed_event_attributes"):
        return failure_in(last.workflow_execution_failed_event_attributes.failure)
    return Failure(
        type_name="builtins:TimeoutError",
        message=f"Temporal ended instance {instance_id!r}, as it took longer than a limit that "
        "was set for it at Temporal",
    )


def _why_terminated(last: WireEvent) -> str:
    return last.workflow_execution_terminated_event_attributes.reason


def _text_in(run: WorkflowExecution, key: str) -> str | None:
    payload = payload_in(run.raw_info.memo.fields, key)
    return None if payload is None else msgspec.json.decode(payload.data, type=str)


def _activities(run: WorkflowExecution) -> tuple[ActivityRecord, ...]:
    if not isinstance(run, WorkflowExecutionDescription):
        return ()
    return tuple(map(_activity, run.raw_description.pending_activities))


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
