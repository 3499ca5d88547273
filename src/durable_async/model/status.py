"""Where an instance stands. Invariant: a status is read, never guessed: it changes with its
history, in one transaction."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any, Literal

import attrs

from durable_async.model.failure import Failure

__all__ = [
    "ENDED",
    "InstanceState",
    "OrchestrationInfo",
    "PendingCall",
    "PendingKind",
    "RuntimeStatus",
]


class RuntimeStatus(enum.StrEnum):
    """PENDING: started, no episode yet. RUNNING: has begun, has not ended. SUSPENDED: paused by
    an operator. BLOCKED: cannot go on until the code, or something around it, changes.
    COMPLETED, FAILED, CANCELLED, TERMINATED: ended."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUSPENDED = "SUSPENDED"
    BLOCKED = "BLOCKED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    TERMINATED = "TERMINATED"

    @property
    def has_ended(self) -> bool:
        return self in ENDED


ENDED = frozenset(
    {
        RuntimeStatus.COMPLETED,
        RuntimeStatus.FAILED,
        RuntimeStatus.CANCELLED,
        RuntimeStatus.TERMINATED,
    }
)

PendingKind = Literal["activity", "child", "timer", "event", "request", "lock", "entity"]


@attrs.frozen(kw_only=True)
class PendingCall:
    """Something that an instance waits for. name: of the activity, event or request, of the child's
    orchestrator, of the entity and its operation, of what is to be locked. attempt: the one
    running or next due (activities). due_at: when a timer fires, or the next attempt begins.
    line: "file:line". instance_id: of the child, or of another instance that is waited for.
    held_by: the instance that holds the lock, of what is to be locked or of the entity."""

    kind: PendingKind
    name: str
    attempt: int | None = None
    due_at: datetime | None = None
    last_failure: Failure | None = None
    line: str = ""
    instance_id: str | None = None
    held_by: str | None = None


@attrs.frozen(kw_only=True)
class InstanceState:
    """An instance as seen from outside. input: the list of its arguments; input, output and
    custom_status as plain JSON types; output as the result type of the handle that was asked.
    waiting_for: what no worker that is alive has, "orchestrator 'checkout' version '2'",
    "activity 'charge'" or, save where instances are listed, "entity 'Account'"; "nothing" if the
    code waits for something that cannot come. blocked: why, when BLOCKED; suspended: why, when
    SUSPENDED; reason: why, when CANCELLED or TERMINATED, "" if whoever did it gave none. start_at:
    not before, when PENDING and it was started for later. pending: see `Handle.state`; empty where
    instances are listed. Times are UTC, by the engine's clock.
    Known elsewhere as: Azure's DurableOrchestrationStatus, Temporal's workflow description."""

    id: str
    execution_id: str
    name: str
    version: str | None
    status: RuntimeStatus
    custom_status: Any
    input: Any
    output: Any
    failure: Failure | None
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    parent_id: str | None
    tags: dict[str, str]
    history_length: int
    pending: tuple[PendingCall, ...] = ()
    waiting_for: str | None = None
    blocked: str | None = None
    suspended: str | None = None
    reason: str | None = None
    start_at: datetime | None = None


@attrs.frozen(kw_only=True)
class OrchestrationInfo:
    """What an orchestrator may know of itself. history_length: events so far, this episode's
    included. started_at: UTC. parent_id: None at top level."""

    instance_id: str
    execution_id: str
    name: str
    version: str | None
    parent_id: str | None
    history_length: int
    started_at: datetime
    tags: dict[str, str]
