"""How an execution ended, as status and as what others hear of it. Invariant: whoever waits for an
instance gets its result, or a failure that says how it ended; nobody waits for ever."""

from __future__ import annotations

from typing import assert_never

import attrs

from durable_async.engines import refusals
from durable_async.model.history import (
    CallCompleted,
    CallFailed,
    Ended,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionContinued,
    ExecutionFailed,
    ExecutionTerminated,
    HistoryEvent,
)
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import InstanceEnd

__all__ = ["answer_to", "end_of", "reason_of", "status_after"]


def status_after(ended: Ended) -> RuntimeStatus:
    """RUNNING if it goes on as a new execution."""
    match ended:
        case ExecutionCompleted():
            return RuntimeStatus.COMPLETED
        case ExecutionFailed():
            return RuntimeStatus.FAILED
        case ExecutionCancelled():
            return RuntimeStatus.CANCELLED
        case ExecutionTerminated():
            return RuntimeStatus.TERMINATED
        case ExecutionContinued():
            return RuntimeStatus.RUNNING
        case _:
            assert_never(ended)


def end_of(instance_id: str, ended: Ended) -> InstanceEnd:
    """What those are told who wait for this instance."""
    return InstanceEnd(
        instance_id=instance_id,
        status=status_after(ended),
        output=ended.result if isinstance(ended, ExecutionCompleted) else None,
        failure=ended.failure if isinstance(ended, ExecutionFailed) else None,
        reason=reason_of(ended),
    )


def reason_of(last: HistoryEvent) -> str | None:
    """Why it was cancelled or terminated, by the last event of its history; None if it was not."""
    match last:
        case ExecutionCancelled(reason=reason) | ExecutionTerminated(reason=reason):
            return reason
        case _:
            return None


def answer_to(number: int, instance_id: str, ended: Ended) -> CallCompleted | CallFailed:
    """What the command `number`, which waits for this instance, is told of its end."""
    match ended:
        case ExecutionCompleted(result=result):
            return CallCompleted(number=number, result=result)
        case ExecutionFailed(failure=failure):
            # An activity, or a child of its own, has said already where it was raised.
            where = failure.instance_id or instance_id
            return CallFailed(number=number, failure=attrs.evolve(failure, instance_id=where))
        case ExecutionCancelled(reason=reason):
            error: Exception = refusals.awaited_cancelled(instance_id, reason)
        case ExecutionTerminated(reason=reason):
            error = refusals.awaited_terminated(instance_id, reason)
        case ExecutionContinued():
            raise ValueError(f"instance {instance_id!r} goes on: nobody is to be told of an end")
        case _:
            assert_never(ended)
    failure = refusals.failure_from(error, instance_id=instance_id)
    return CallFailed(number=number, failure=failure)
