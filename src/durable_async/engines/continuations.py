"""An instance that goes on as a new execution (E12). Invariant: nothing of the old one reaches the
new one but what the code carried over, and what others had said to the instance."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from durable_async.model.commands import (
    AnswerRequest,
    Command,
    SendCancel,
    SendEvent,
    SignalEntity,
    StartInstance,
)
from durable_async.model.creation import CreateInstance
from durable_async.model.history import (
    FORMAT,
    CancelRequested,
    Delivered,
    EventReceived,
    ExecutionStarted,
)
from durable_async.model.outcome import Outcome

__all__ = ["news_of_next", "outlives", "started"]


def started(request: CreateInstance, version: str | None, at: datetime) -> ExecutionStarted:
    """The first event of an execution. version: what `request.newest` came to."""
    return ExecutionStarted(
        format=FORMAT,
        instance_id=request.instance_id,
        execution_id=request.execution_id,
        name=request.name,
        version=version,
        input=request.input,
        parent=request.parent,
        queue=request.queue,
        tags=request.tags,
        at=at,
    )


def news_of_next(outcome: Outcome, inbox: Iterable[Delivered]) -> tuple[Delivered, ...]:
    """What wakes the new execution, in order. inbox: what this episode has not consumed, as it was
    accepted. A request is never dropped: the code that drops has not seen it, and somebody waits
    for its answer."""
    drops = outcome.carried is None
    return (*(outcome.carried or ()), *(event for event in inbox if _goes_on(event, drops)))


def _goes_on(event: Delivered, drops: bool) -> bool:
    match event:
        case CancelRequested():
            return True
        case EventReceived(request_id=request_id):
            return request_id is not None or not drops
        case _:
            return False


def outlives(command: Command) -> bool:
    """Whether it is carried out although the execution that issued it is over: it is a message to
    others, sent before the end."""
    return isinstance(
        command, SendEvent | SendCancel | AnswerRequest | SignalEntity | StartInstance
    )
