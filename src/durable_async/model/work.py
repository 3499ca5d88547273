"""What passes between a worker, a client and an engine. Invariant: a Batch is one transaction, and
its Receipt answers every part of it, position by position.

Whoever holds a lease may act for what it covers; every act names the lease's epoch, which
grows with each new holder, so that a holder that was given up for dead is refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import attrs

from durable_async.errors import DurableError
from durable_async.model.creation import Created, CreateInstance, IfExists
from durable_async.model.failure import Failure
from durable_async.model.history import Delivered, HistoryEvent
from durable_async.model.identity import Caller, EntityId
from durable_async.model.options import DEFAULT_QUEUE, ActivityOptions
from durable_async.model.outcome import EpisodeResult
from durable_async.model.payload import Payload
from durable_async.model.status import RuntimeStatus

__all__ = [
    "INTERNAL",
    "ActivityLease",
    "ActivityRecord",
    "ActivityReport",
    "ActivityTask",
    "Answer",
    "AttemptCancelled",
    "AttemptFailed",
    "AttemptReleased",
    "AttemptSucceeded",
    "Batch",
    "Cancel",
    "Claim",
    "Claimed",
    "ClaimedEntity",
    "CreateInstance",
    "Created",
    "EntityCommit",
    "EntityLease",
    "EntityPage",
    "EntityQuery",
    "EntityRecord",
    "EpisodeCommit",
    "ForgetAnswer",
    "Heartbeat",
    "IfExists",
    "InstanceEnd",
    "InstanceMessage",
    "InstanceQuery",
    "InstanceRecord",
    "Lease",
    "Message",
    "News",
    "Operation",
    "OperationResult",
    "Page",
    "Purge",
    "RaiseEvent",
    "Receipt",
    "Resume",
    "Rewind",
    "SendSignal",
    "Suspend",
    "Terminate",
]


# ---- what clients ask ----------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class RaiseEvent:
    """key: the same key is delivered once per instance; a repetition is accepted, and dropped.
    request_id: it is a request, and this is where its answer is looked for."""

    instance_id: str
    name: str
    data: Payload
    key: str | None = None
    request_id: str | None = None


@attrs.frozen(kw_only=True)
class Cancel:
    """A request that the instance cancel itself. One that is suspended goes on; one that has not
    begun to run, or is BLOCKED, ends at once, and none of its code runs."""

    instance_id: str
    reason: str = ""


@attrs.frozen(kw_only=True)
class Terminate:
    """recursive: its live children, and theirs, end with it; otherwise they are cancelled."""

    instance_id: str
    reason: str
    recursive: bool = True


@attrs.frozen(kw_only=True)
class Suspend:
    """Its episodes wait until it is resumed; activities that run go on, and their results wait."""

    instance_id: str
    reason: str = ""


@attrs.frozen(kw_only=True)
class Resume:
    instance_id: str
    reason: str = ""


@attrs.frozen(kw_only=True)
class Rewind:
    """A failed instance goes on from before the failure (see `core.rewind`), and so do the failed
    children that it came from."""

    instance_id: str
    reason: str = ""


@attrs.frozen(kw_only=True)
class Purge:
    """An ended instance goes out of the store, and with it its ended descendants."""

    instance_id: str


@attrs.frozen(kw_only=True)
class ForgetAnswer:
    """Who asked has it."""

    request_id: str


@attrs.frozen(kw_only=True)
class SendSignal:
    """An operation on an entity whose result nobody waits for. due: not before (UTC)."""

    entity: EntityId
    operation: str
    input: Payload
    due: datetime | None = None


InstanceMessage = RaiseEvent | Cancel | Terminate | Suspend | Resume | Rewind | Purge
"""What concerns one instance."""

Message = InstanceMessage | ForgetAnswer | SendSignal


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
    """What a worker would take on. orchestrators: (name, version) it can run; any_version: names
    whose other versions it runs as well, as those were given without a version. activities,
    entities: names. queues: of instances and of activities. only: restricts all but entities to
    these instances and their descendants (None: all). fingerprint: of the worker's definitions;
    an instance that was blocked under another one is tried again, once."""

    orchestrators: frozenset[tuple[str, str | None]]
    any_version: frozenset[str] = frozenset()
    activities: frozenset[str]
    entities: frozenset[str] = frozenset()
    queues: frozenset[str]
    max_instances: int
    max_activities: int
    max_entities: int = 0
    only: frozenset[str] | None = None
    fingerprint: str = ""


# ---- entities ------------------------------------------------------------------------------


@attrs.frozen
class EntityLease:
    """The right to run operations of one entity and to commit what came of them."""

    entity: EntityId
    epoch: int


@attrs.frozen(kw_only=True)
class Operation:
    """One call of one method. caller: who waits for its result; None for a signal. at: when the
    engine accepted it, or when it was due (UTC)."""

    number: int
    name: str
    input: Payload
    caller: Caller | None
    at: datetime


@attrs.frozen(kw_only=True)
class ClaimedEntity:
    """An entity with something to do. state: None if it has none (any more). operations: in the
    order in which they are to be run; not empty."""

    lease: EntityLease
    state: Payload | None
    operations: tuple[Operation, ...]


@attrs.frozen(kw_only=True)
class OperationResult:
    """What the operation `number` came to. Exactly one of result and failure is set. messages,
    starts: what it asked for; none if it failed."""

    number: int
    result: Payload | None = None
    failure: Failure | None = None
    messages: tuple[RaiseEvent | SendSignal, ...] = ()
    starts: tuple[CreateInstance, ...] = ()


@attrs.frozen(kw_only=True)
class EntityCommit:
    """state: after all of the operations; None if there is none (any more). results: in the order
    of the operations; those that are missing were not run, and stay where they were."""

    lease: EntityLease
    state: Payload | None
    results: tuple[OperationResult, ...]


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
    entities: tuple[EntityCommit, ...] = ()
    releases: tuple[Lease | EntityLease, ...] = ()
    claim: Claim | None = None


@attrs.frozen(kw_only=True)
class Receipt:
    """What became of a Batch. A part that was refused stands here as its error; the other parts
    were committed all the same.

    sent: how many instances the message reached: those it ended (Terminate) or removed (Purge),
    descendants included; else 1, or 0 if it was dropped as a repetition. heartbeats: True if
    the activity is to be cancelled. claimed: instances to run now, newly leased or with news for
    this session. activities: attempts to run now. claimed_entities: entities with operations to
    run now. cancelled: running attempts of this session whose cancellation was requested. ends:
    of the instances that this batch ended. answered: ids of the requests that it answered.
    next_due: when, as far as the engine knows, something becomes due that this session could
    take (UTC). now: the engine's clock.
    """

    created: tuple[Created | DurableError, ...] = ()
    sent: tuple[int | DurableError, ...] = ()
    episodes: tuple[DurableError | None, ...] = ()
    reports: tuple[DurableError | None, ...] = ()
    heartbeats: tuple[bool | DurableError, ...] = ()
    entities: tuple[DurableError | None, ...] = ()
    claimed: tuple[Claimed, ...] = ()
    activities: tuple[ActivityTask, ...] = ()
    claimed_entities: tuple[ClaimedEntity, ...] = ()
    cancelled: tuple[ActivityLease, ...] = ()
    ends: tuple[InstanceEnd, ...] = ()
    answered: tuple[str, ...] = ()
    next_due: datetime | None = None
    now: datetime

    @property
    def ended(self) -> tuple[str, ...]:
        """Ids of the instances that this batch ended."""
        return tuple([end.instance_id for end in self.ends])


# ---- reading -------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class ActivityRecord:
    """An activity that has not ended. running: an attempt is leased. due_at: of the next one.
    offered: whether a worker that is alive would take it."""

    number: int
    name: str
    attempt: int
    running: bool
    due_at: datetime | None
    last_failure: Failure | None
    offered: bool = True


@attrs.frozen(kw_only=True)
class InstanceRecord:
    """An instance as the store has it. activities: those that have not ended. suspended: why, while
    the status is SUSPENDED. offered: whether a worker that is alive would take it. reason: why it
    was cancelled or terminated, if it was. start_at: not before, while it is PENDING and that is
    to come."""

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
    queue: str = DEFAULT_QUEUE
    suspended: str | None = None
    offered: bool = True
    reason: str | None = None
    start_at: datetime | None = None


@attrs.frozen(kw_only=True)
class InstanceEnd:
    """What an ended instance came to: as much of its record as those need who wait for it."""

    instance_id: str
    status: RuntimeStatus
    output: Payload | None = None
    failure: Failure | None = None
    reason: str | None = None

    @classmethod
    def of(cls, record: InstanceRecord) -> InstanceEnd:
        """record: of one that has ended."""
        return cls(
            instance_id=record.instance_id,
            status=record.status,
            output=record.output,
            failure=record.failure,
            reason=record.reason,
        )


@attrs.frozen(kw_only=True)
class InstanceQuery:
    """Which instances; every given condition must hold. tags: all of these. created_after,
    created_before, completed_before: exclusive, UTC. parent_id: children of this one. internal:
    also those whose name begins with INTERNAL; by default only if `name` does. after: where the
    page before this one ended."""

    status: frozenset[RuntimeStatus] | None = None
    name: str | None = None
    id_prefix: str | None = None
    tags: dict[str, str] = attrs.field(factory=dict)
    created_after: datetime | None = None
    created_before: datetime | None = None
    completed_before: datetime | None = None
    parent_id: str | None = None
    internal: bool = False
    after: str | None = None
    limit: int = 100


INTERNAL: Final = "durable_async."
"""How the names of orchestrators and activities of our own begin."""


@attrs.frozen
class Page:
    """records: newest first. next: `after` of the page that follows; None at the end."""

    records: tuple[InstanceRecord, ...]
    next: str | None


@attrs.frozen
class Answer:
    """To a request. result: None if it was rejected, for this reason."""

    result: Payload | None
    reason: str = ""


@attrs.frozen(kw_only=True)
class EntityRecord:
    """An entity as the store has it. state: None if it has none (any more). queued: operations that
    have not been run. locked_by: who holds its lock. offered: whether a worker that is alive would
    run its operations."""

    entity: EntityId
    state: Payload | None
    updated_at: datetime
    queued: int = 0
    locked_by: Caller | None = None
    offered: bool = True


@attrs.frozen(kw_only=True)
class EntityQuery:
    """Which entities: those with a state, by type and key. type: None for all. after: the last one
    of the page before this one."""

    type: str | None = None
    key_prefix: str | None = None
    after: EntityId | None = None
    limit: int = 100


@attrs.frozen
class EntityPage:
    """records: in the order of their ids. more: whether others follow."""

    records: tuple[EntityRecord, ...]
    more: bool
