"""What passes between a worker, a client and an engine. Invariant: a Batch is one transaction, and
its Receipt answers every part of it, position by position.

Whoever holds a lease may act for what it covers; every act names the lease's epoch, which
grows with each new holder, so that a holder that was given up for dead is refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import attrs

from durable_async.errors import DurableError
from durable_async.model.failure import Failure
from durable_async.model.history import Delivered, HistoryEvent
from durable_async.model.options import ActivityOptions
from durable_async.model.outcome import EpisodeResult
from durable_async.model.payload import Payload
from durable_async.model.status import RuntimeStatus

__all__ = [
    "ActivityLease",
    "ActivityRecord",
    "ActivityReport",
    "ActivityTask",
    "AttemptCancelled",
    "AttemptFailed",
    "AttemptReleased",
    "AttemptSucceeded",
    "Batch",
    "Claim",
    "Claimed",
    "CreateInstance",
    "Created",
    "EpisodeCommit",
    "Heartbeat",
    "IfExists",
    "InstanceQuery",
    "InstanceRecord",
    "Lease",
    "Message",
    "News",
    "Page",
    "RaiseEvent",
    "Receipt",
    "Terminate",
]

IfExists = Literal["raise", "attach", "replace"]


# ---- what clients ask ----------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class CreateInstance:
    """execution_id: made by the caller, unique. start_at: not before (UTC); None for now."""

    instance_id: str
    execution_id: str
    name: str
    version: str | None = None
    input: Payload
    parent_id: str | None = None
    tags: dict[str, str] = attrs.field(factory=dict)
    start_at: datetime | None = None
    if_exists: IfExists = "raise"


@attrs.frozen(kw_only=True)
class Created:
    """fresh: False if it attached to an instance that was there already."""

    instance_id: str
    execution_id: str
    fresh: bool


@attrs.frozen(kw_only=True)
class RaiseEvent:
    """key: the same key is delivered once per instance; a repetition is accepted, and dropped."""

    instance_id: str
    name: str
    data: Payload
    key: str | None = None


@attrs.frozen(kw_only=True)
class Terminate:
    instance_id: str
    reason: str


Message = RaiseEvent | Terminate


# ---- leases and work -----------------------------------------------------------------------


@attrs.frozen
class Lease:
    """The right to run and commit episodes of one execution."""

    instance_id: str
    execution_id: str
    epoch: int


@attrs.frozen
class ActivityLease:
    """The right to run one attempt of one activity and to report on it."""

    instance_id: str
    execution_id: str
    number: int
    epoch: int


@attrs.frozen(kw_only=True)
class News:
    """Something to wake an execution with. at: when the engine accepted it, or a timer's due
    time (UTC): news is delivered in this order. message: the id of its row in the inbox; None
    for timers and for results that never passed through the store."""

    event: Delivered
    at: datetime
    message: int | None = None


@attrs.frozen(kw_only=True)
class Claimed:
    """An instance with something to do. history: all of it, or None if this session held the
    lease already (it knows the history). news: in order of delivery; may be empty right after
    a take-over."""

    lease: Lease
    history: tuple[HistoryEvent, ...] | None
    news: tuple[News, ...]


@attrs.frozen(kw_only=True)
class ActivityTask:
    """One attempt to run. attempt: from 1. scheduled_at: when the first attempt became due.
    heartbeat: details of the last heartbeat of an earlier attempt."""

    lease: ActivityLease
    name: str
    input: Payload
    options: ActivityOptions
    attempt: int
    scheduled_at: datetime
    heartbeat: Payload | None = None


@attrs.frozen
class AttemptSucceeded:
    result: Payload


@attrs.frozen
class AttemptFailed:
    """retry_after: seconds until the next attempt; None if there is to be none. The engine still
    ends it when the next attempt would begin after the retry timeout."""

    failure: Failure
    retry_after: float | None = None


@attrs.frozen
class AttemptCancelled:
    """It ended because its cancellation was requested."""


@attrs.frozen
class AttemptReleased:
    """It was handed back unfinished; another worker may run the same attempt at once."""


AttemptEnd = AttemptSucceeded | AttemptFailed | AttemptCancelled | AttemptReleased


@attrs.frozen
class ActivityReport:
    lease: ActivityLease
    end: AttemptEnd


@attrs.frozen
class Heartbeat:
    lease: ActivityLease
    details: Payload | None


@attrs.frozen(kw_only=True)
class EpisodeCommit:
    """length: how many events history had before. consumed: ids of inbox rows that became part
    of history. finished: activities of this session whose results the episode was woken with
    directly, without passing through the inbox."""

    lease: Lease
    length: int
    result: EpisodeResult
    consumed: tuple[int, ...] = ()
    finished: tuple[ActivityLease, ...] = ()


@attrs.frozen(kw_only=True)
class Claim:
    """What a worker would take on. orchestrators: (name, version) it can run; activities: names.
    only: restricts both to these instances (None: all). fingerprint: of the worker's
    definitions; an instance that was blocked under another one is tried again, once."""

    orchestrators: frozenset[tuple[str, str | None]]
    activities: frozenset[str]
    queues: frozenset[str]
    max_instances: int
    max_activities: int
    only: frozenset[str] | None = None
    fingerprint: str = ""


# ---- the transaction -----------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Batch:
    """One transaction. The parts are applied in the order of the fields; `claim` sees them all.

    session: on whose behalf; needed by everything below it. renew is implied by its presence.
    """

    creates: tuple[CreateInstance, ...] = ()
    messages: tuple[Message, ...] = ()
    session: str | None = None
    episodes: tuple[EpisodeCommit, ...] = ()
    reports: tuple[ActivityReport, ...] = ()
    heartbeats: tuple[Heartbeat, ...] = ()
    releases: tuple[Lease, ...] = ()
    claim: Claim | None = None


@attrs.frozen(kw_only=True)
class Receipt:
    """What became of a Batch. A part that was refused stands here as its error; the other parts
    were committed all the same.

    heartbeats: True if the activity is to be cancelled. claimed: instances to run now, newly
    leased or with news for this session. activities: attempts to run now. cancelled: running
    attempts of this session whose cancellation was requested. ended: ids of the instances
    that this batch ended. next_due: when, as far as the engine knows, something becomes due
    that this session could take (UTC). now: the engine's clock.
    """

    created: tuple[Created | DurableError, ...] = ()
    sent: tuple[DurableError | None, ...] = ()
    episodes: tuple[DurableError | None, ...] = ()
    reports: tuple[DurableError | None, ...] = ()
    heartbeats: tuple[bool | DurableError, ...] = ()
    claimed: tuple[Claimed, ...] = ()
    activities: tuple[ActivityTask, ...] = ()
    cancelled: tuple[ActivityLease, ...] = ()
    ended: tuple[str, ...] = ()
    next_due: datetime | None = None
    now: datetime


# ---- reading -------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class ActivityRecord:
    """An activity that has not ended. running: an attempt is leased. due_at: of the next one."""

    number: int
    name: str
    attempt: int
    running: bool
    due_at: datetime | None
    last_failure: Failure | None


@attrs.frozen(kw_only=True)
class InstanceRecord:
    """An instance as the store has it. activities: those that have not ended."""

    instance_id: str
    execution_id: str
    name: str
    version: str | None
    status: RuntimeStatus
    custom_status: Payload | None
    input: Payload
    output: Payload | None
    failure: Failure | None
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    parent_id: str | None
    tags: dict[str, str]
    history_length: int
    idle: bool
    blocked: str | None
    activities: tuple[ActivityRecord, ...] = ()


@attrs.frozen(kw_only=True)
class InstanceQuery:
    """Which instances; every given condition must hold. tags: all of these. created_after,
    created_before: exclusive, UTC. after: where the page before this one ended."""

    status: frozenset[RuntimeStatus] | None = None
    name: str | None = None
    id_prefix: str | None = None
    tags: dict[str, str] = attrs.field(factory=dict)
    created_after: datetime | None = None
    created_before: datetime | None = None
    after: str | None = None
    limit: int = 100


@attrs.frozen
class Page:
    """records: newest first. next: `after` of the page that follows; None at the end."""

    records: tuple[InstanceRecord, ...]
    next: str | None
