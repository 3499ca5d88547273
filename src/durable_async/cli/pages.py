"""What people are shown. Invariant: a page says what the state says, and no more; what is long
is cut, and says how long it is.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from durable_async.cli.blocks import Block, Cell, Column, Fields, Note, Style, Table, shortened
from durable_async.cli.documents import json_text, value_of
from durable_async.cli.times import local_text, relative_text
from durable_async.client.blockages import Blockage, wrapped
from durable_async.client.states import kind_text
from durable_async.lines import from_here
from durable_async.model.failure import Failure
from durable_async.model.payload import Payload
from durable_async.model.status import InstanceState, PendingCall, RuntimeStatus

__all__ = [
    "DETAIL_LIMIT",
    "arguments_text",
    "count_text",
    "failure_blocks",
    "headline",
    "instance_page",
    "list_page",
    "moment_text",
    "payload_text",
    "value_text",
]

STATUS_STYLES: Final[dict[RuntimeStatus, Style]] = {
    RuntimeStatus.PENDING: "faint",
    RuntimeStatus.RUNNING: "active",
    RuntimeStatus.SUSPENDED: "warning",
    RuntimeStatus.BLOCKED: "bad",
    RuntimeStatus.COMPLETED: "good",
    RuntimeStatus.FAILED: "bad",
    RuntimeStatus.CANCELLED: "warning",
    RuntimeStatus.TERMINATED: "warning",
}

VALUE_LIMIT: Final = 2_000
"""Characters of a value on the page of an instance; `--json` gives all of it."""

DETAIL_LIMIT: Final = 120
"""Characters of what is one detail among others, in a table."""

ADVICE_WIDTH: Final = 62
"""Columns of sentences beside their title: a terminal of 80 shows them as they are."""


# ---- many ------------------------------------------------------------------------------------


def list_page(states: Sequence[InstanceState]) -> list[Block]:
    """A row for each instance, or a sentence if there is none."""
    if not states:
        return [Note(Cell("no instances"))]
    columns = (
        Column("ID"),
        Column("ORCHESTRATOR"),
        Column("STATUS", whole=True),
        Column("CREATED", whole=True),
        Column("UPDATED", whole=True, optional=True),
    )
    return [Table(columns, [_list_row(state) for state in states])]


def _list_row(state: InstanceState) -> tuple[Cell, ...]:
    return (
        Cell(state.id),
        Cell(_titled(state)),
        Cell(state.status.value, STATUS_STYLES[state.status]),
        Cell(local_text(state.created_at)),
        Cell(local_text(state.updated_at), "faint"),
    )


# ---- one -------------------------------------------------------------------------------------


def instance_page(state: InstanceState, *, now: datetime) -> list[Block]:
    """All that is known of an instance, what it waits for and why it failed included."""
    blocks: list[Block] = [Fields(Cell(state.id, "strong"), list(_instance_rows(state, now)))]
    if state.pending:
        blocks.append(_pending_table(state.pending, now))
        blocks += _last_failures(state.pending)
    if state.failure is not None:
        blocks += failure_blocks(state.failure)
    return blocks


def _instance_rows(state: InstanceState, now: datetime) -> Iterator[tuple[str, Cell]]:
    yield "orchestrator", Cell(_titled(state))
    yield "status", Cell(state.status.value, STATUS_STYLES[state.status])
    if state.blocked is not None:
        yield from _blocked_rows(state.blocked)
    if state.suspended:
        yield "suspended", Cell(state.suspended, "warning")
    if state.reason:
        yield "reason", Cell(state.reason)
    if state.waiting_for is not None:
        nobody = "" if state.waiting_for == "nothing" else ", which no live worker has"
        yield "waiting for", Cell(f"{state.waiting_for}{nobody}", "warning")
    if state.custom_status is not None:
        yield "custom status", Cell(value_text(state.custom_status))
    yield "input", Cell(value_text(state.input))
    if state.status is RuntimeStatus.COMPLETED:
        yield "output", Cell(value_text(state.output))
    yield "created", _moment(state.created_at, now)
    if state.start_at is not None:
        yield "begins at", _moment(state.start_at, now)
    yield "updated", _moment(state.updated_at, now)
    if state.completed_at is not None:
        yield "ended", _moment(state.completed_at, now)
    if state.parent_id is not None:
        yield "parent", Cell(state.parent_id)
    if state.tags:
        yield "tags", Cell(", ".join(f"{key}={value}" for key, value in state.tags.items()))
    yield "history", Cell(count_text(state.history_length, "event"))
    yield "execution", Cell(state.execution_id, "faint")


def _blocked_rows(text: str) -> Iterator[tuple[str, Cell]]:
    blockage = Blockage.read(text)
    yield "blocked", Cell(blockage.title or "yes", "bad")
    for title, what in blockage.difference():
        yield title, Cell(what)
    if blockage.advice:
        yield "what to do", Cell("\n".join(wrapped(blockage.advice, ADVICE_WIDTH)))


def _pending_table(pending: Sequence[PendingCall], now: datetime) -> Table:
    columns = (
        Column("WAITS FOR", whole=True),
        Column("NAME"),
        Column("HOW IT GOES"),
        Column("LINE"),
    )
    return Table(columns, [_pending_row(call, now) for call in pending])


def _pending_row(call: PendingCall, now: datetime) -> tuple[Cell, ...]:
    failure = call.last_failure
    return (
        Cell(kind_text(call)),
        Cell(" ".join(filter(None, (call.name, call.instance_id)))),
        Cell("; ".join(_progress(call, now)), "" if failure is None else "warning"),
        Cell(from_here(call.line), "faint"),
    )


def _last_failures(pending: Sequence[PendingCall]) -> Iterator[Block]:
    """Where the last attempts failed, of calls that are tried again."""
    for call in pending:
        if call.last_failure is not None and call.last_failure.traceback.strip():
            title = f"{call.kind} {call.name}: the last failure"
            yield Note(Cell(title, "strong"))
            yield from failure_blocks(call.last_failure)


def _progress(call: PendingCall, now: datetime) -> Iterator[str]:
    due = None if call.due_at is None else f"due {moment_text(call.due_at, now)}"
    if call.attempt is not None:
        yield f"attempt {call.attempt} {due or 'runs'}"
    elif due is not None:
        yield due
    if call.held_by is not None:
        yield f"held by {call.held_by}"
    if call.last_failure is not None:
        yield f"last failure: {shortened(headline(call.last_failure), DETAIL_LIMIT)}"


# ---- failures --------------------------------------------------------------------------------


def failure_blocks(failure: Failure, *, with_traceback: bool = True) -> list[Block]:
    """What failed and why: notes, causes, the members of a group, the traceback."""
    blocks: list[Block] = [Note(Cell("\n".join(_failure_lines(failure)), "bad"))]
    if with_traceback and failure.traceback.strip():
        blocks.append(Note(Cell(failure.traceback.rstrip("\n"), "faint"), indent=2))
    return blocks


def _failure_lines(failure: Failure) -> Iterator[str]:
    yield headline(failure)
    for note in failure.notes:
        yield textwrap.indent(note, "  ")
    for member in failure.members:
        yield from (textwrap.indent(line, "  ") for line in _failure_lines(member))
    if failure.cause is not None:
        yield "caused by:"
        yield from (textwrap.indent(line, "  ") for line in _failure_lines(failure.cause))


def headline(failure: Failure) -> str:
    """Its class and message."""
    name = failure.type_name.removeprefix("builtins:").replace(":", ".")
    return f"{name}: {failure.message}" if failure.message else name


# ---- pieces ----------------------------------------------------------------------------------


def value_text(value: Any, *, limit: int = VALUE_LIMIT) -> str:
    """A value as JSON, on one line."""
    return shortened(json_text(value, ascii=False), limit)


def payload_text(payload: Payload) -> str:
    return value_text(value_of(payload), limit=DETAIL_LIMIT)


def arguments_text(payload: Payload) -> str:
    """The list of arguments as they stand in a call."""
    value = value_of(payload)
    if not isinstance(value, list):
        return f" {value_text(value, limit=DETAIL_LIMIT)}"
    return f"({', '.join(value_text(each, limit=DETAIL_LIMIT) for each in value)})"


def count_text(count: int, noun: str) -> str:
    """Both, the noun in the plural that it then has."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _titled(state: InstanceState) -> str:
    return state.name if state.version is None else f"{state.name} (version {state.version})"


def _moment(time: datetime, now: datetime) -> Cell:
    return Cell(moment_text(time, now))


def moment_text(time: datetime, now: datetime) -> str:
    return f"{local_text(time)} ({relative_text(time, now=now)})"
