"""What happened to an instance, as people read it. Invariant: each event is one row, told in the
words of the code that caused it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import assert_never

from durable_async.cli.blocks import Block, Cell, Column, Style, Table, shortened
from durable_async.cli.pages import DETAIL_LIMIT, arguments_text, headline, payload_text
from durable_async.cli.times import local_text
from durable_async.client.states import entity_text
from durable_async.lines import from_here
from durable_async.model.creation import CreateInstance
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    CallCompleted,
    CallFailed,
    CancelRequested,
    CancelSent,
    ChildCancelRequested,
    ChildStarted,
    Delivered,
    Ended,
    EntityCallCancelled,
    EntityCalled,
    EntitySignalled,
    EpisodeStarted,
    EventAwaited,
    EventReceived,
    EventSent,
    EventWaitCancelled,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionContinued,
    ExecutionFailed,
    ExecutionStarted,
    ExecutionTerminated,
    HistoryEvent,
    InstanceAwaited,
    InstanceStarted,
    InstanceWaitCancelled,
    LockReleased,
    LockRequested,
    PatchMarked,
    Recorded,
    RequestAnswered,
    SideEffectRecorded,
    TimerCancelled,
    TimerFired,
    TimerStarted,
)
from durable_async.model.status import InstanceState, PendingCall

__all__ = ["history_page"]


def history_page(events: Sequence[HistoryEvent], state: InstanceState | None = None) -> list[Block]:
    """A row for each event, oldest first.

    state: of the instance, for what history does not tell: the attempts of what is under way.
    """
    columns = (
        Column("#", whole=True),
        Column("TIME", whole=True),
        Column("EVENT", whole=True),
        Column("CALL", whole=True),
        Column("WHAT"),
        Column("LINE", optional=True),
    )
    rows = [_history_row(index, event) for index, event in enumerate(events)]
    return [Table(columns, rows), *_attempts(() if state is None else state.pending)]


def _attempts(pending: Sequence[PendingCall]) -> Iterator[Block]:
    """What was tried in vain so far: a retry is no event of history."""
    rows = [
        (
            Cell(f"{call.kind} {call.name}"),
            Cell(str(call.attempt - 1)),
            Cell(shortened(headline(call.last_failure), DETAIL_LIMIT), "warning"),
            Cell("running now" if call.due_at is None else f"again at {local_text(call.due_at)}"),
        )
        for call in pending
        if call.attempt is not None and call.last_failure is not None
    ]
    if rows:
        titles = ("UNDER WAY", "ATTEMPTS FAILED", "LAST FAILURE", "NEXT ATTEMPT")
        yield Table([Column(title) for title in titles], rows)


def _history_row(index: int, event: HistoryEvent) -> tuple[Cell, ...]:
    at: datetime | None = getattr(event, "at", None)
    number: int | None = getattr(event, "number", None)
    return (
        Cell(str(index), "faint"),
        Cell("" if at is None else local_text(at), "faint"),
        Cell(type(event).__name__, _event_style(event)),
        Cell("" if number is None else str(number)),
        Cell(shortened(_event_text(event), DETAIL_LIMIT)),
        Cell(from_here(getattr(event, "line", "")), "faint"),
    )


def _event_style(event: HistoryEvent) -> Style:
    match event:
        case ActivityFailed() | CallFailed() | ExecutionFailed():
            return "bad"
        case (
            ExecutionTerminated()
            | ExecutionCancelled()
            | CancelRequested()
            | ActivityCancelled()
            | ActivityCancelRequested()
            | ChildCancelRequested()
        ):
            return "warning"
        case ActivityCompleted() | CallCompleted() | ExecutionCompleted() | ExecutionContinued():
            return "good"
        case EpisodeStarted():
            return "faint"
        case _:
            return ""


def _event_text(event: HistoryEvent) -> str:
    if isinstance(event, Recorded):
        return _recorded_text(event)
    if isinstance(event, Delivered):
        return _delivered_text(event)
    return _ended_text(event)


def _recorded_text(event: Recorded) -> str:
    match event:
        case ActivityScheduled():
            return f"{event.name}{arguments_text(event.input)}"
        case ChildStarted() | InstanceStarted():
            return f"{_request_text(event.request)} -> {event.request.instance_id}"
        case EntityCalled() | EntitySignalled():
            return _operation_text(event)
        case EventSent() | CancelSent() | RequestAnswered():
            return _sent_text(event)
        case TimerStarted():
            return f"due {local_text(event.due)}"
        case EventAwaited():
            return f"request {event.name}" if event.request else event.name
        case SideEffectRecorded():
            return f"{event.name}: {_effect_text(event)}"
        case InstanceAwaited():
            return event.instance_id
        case LockRequested():
            return ", ".join(map(entity_text, event.entities))
        case PatchMarked():
            return event.id
        case _:
            return _unsaid(event)


def _unsaid(
    _: TimerCancelled
    | ActivityCancelRequested
    | EventWaitCancelled
    | ChildCancelRequested
    | InstanceWaitCancelled
    | EntityCallCancelled
    | LockReleased
    | EpisodeStarted
    | TimerFired
    | ActivityCancelled,
) -> str:
    """Of those events whose kind and number say all; a new kind fails type checking here."""
    return ""


def _delivered_text(event: Delivered) -> str:
    match event:
        case ExecutionStarted():
            return f"{event.name}{arguments_text(event.input)}"
        case ActivityCompleted():
            return payload_text(event.result)
        case CallCompleted():
            return "" if event.result is None else payload_text(event.result)
        case ActivityFailed() | CallFailed():
            return _failed_text(event.failure)
        case EventReceived():
            request = "" if event.request_id is None else "request "
            key = "" if event.key is None else f" (key {event.key})"
            return f"{request}{event.name}: {payload_text(event.data)}{key}"
        case CancelRequested():
            return event.reason
        case _:
            return _unsaid(event)


def _ended_text(event: Ended) -> str:
    match event:
        case ExecutionCompleted():
            return payload_text(event.result)
        case ExecutionFailed():
            return headline(event.failure)
        case ExecutionContinued():
            return f"as {_request_text(event.request)}"
        case ExecutionTerminated() | ExecutionCancelled():
            return event.reason
        case _:
            assert_never(event)


def _sent_text(event: EventSent | CancelSent | RequestAnswered) -> str:
    match event:
        case EventSent():
            return f"{event.name}: {payload_text(event.data)} -> {event.instance_id}"
        case CancelSent():
            return f"{event.reason} -> {event.instance_id}".lstrip()
        case RequestAnswered():
            if event.result is None:
                return f"rejected: {event.reason}"
            return payload_text(event.result)
        case _:
            assert_never(event)


def _request_text(request: CreateInstance) -> str:
    version = "" if request.version is None else f" (version {request.version})"
    return f"{request.name}{arguments_text(request.input)}{version}"


def _operation_text(event: EntityCalled | EntitySignalled) -> str:
    due = ""
    if isinstance(event, EntitySignalled) and event.due is not None:
        due = f", due {local_text(event.due)}"
    return f"{entity_text(event.entity)} {event.operation}{arguments_text(event.input)}{due}"


def _failed_text(failure: Failure) -> str:
    attempt = failure.attempt or 1
    after = f" (after {attempt} attempts)" if attempt > 1 else ""
    return f"{shortened(headline(failure), DETAIL_LIMIT - len(after))}{after}"


def _effect_text(event: SideEffectRecorded) -> str:
    if event.failure is not None:
        return headline(event.failure)
    return "" if event.result is None else payload_text(event.result)
