"""What is stored. Invariant: whatever an execution has going on can be found from its instance, so
that it can be stopped when the execution is over.

Instances, activities and entities are leased: `owner` is the session that holds them, `epoch`
grows with each holder. `ticket` names the valid entry in the agenda.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import Final, Literal

import attrs

from durable_async.engines.memory.agenda import NO_TICKET
from durable_async.engines.turntaking import Place, numbers_to_run
from durable_async.model.commands import ScheduleActivity
from durable_async.model.failure import Failure
from durable_async.model.history import ExecutionStarted, HistoryEvent
from durable_async.model.identity import Caller, EntityId
from durable_async.model.options import ActivityOptions
from durable_async.model.payload import Payload
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    ActivityLease,
    Answer,
    Claim,
    EntityLease,
    Lease,
    News,
    Operation,
)

__all__ = [
    "Activity",
    "Cancelling",
    "Entity",
    "Entry",
    "Instance",
    "KeptAnswer",
    "LockRequest",
    "Session",
    "first_epoch",
]

Cancelling = Literal["now", "wait", "ended"]
"""Why a running attempt is to stop: its code cancelled it and went on; its code cancelled it and
waits for it; its execution has ended."""

_EPOCHS_OF_AN_ERA: Final = 32  # bits


def first_epoch(era: int) -> int:
    """The epoch before the first one. Whatever is made anew when an execution is rewound begins
    beyond all epochs of before: a lease that somebody still holds never comes to be valid again."""
    return era << _EPOCHS_OF_AN_ERA


@attrs.define(eq=False, kw_only=True)
class Instance:
    """created_at, number: its place among all; they stay when it goes on as a new execution.
    progress: its status, but for being suspended. suspended: why it is; None if it is not.
    parked: BLOCKED, and not yet given to other definitions. tried: fingerprints of the
    definitions it was blocked under. in_hand: its holder was given all its news, and has not
    answered yet. lost: holders in a row that died with it in hand. era: how often it was rewound.

    What its execution has going on: timers, by number; activities; children, live, by number;
    waits, ids of instances that it awaits; calls, operations of entities that it waits for; locks.
    regaining: locks that it held when it was rewound, and must have before it goes on.

    What others want of it: inbox; keys that were used up; answers, ids of requests that it has
    answered; is_awaited, whether its parent waits for its end; waiters, who else does."""

    started: ExecutionStarted
    number: int
    created_at: datetime
    start_at: datetime | None
    progress: RuntimeStatus = RuntimeStatus.PENDING
    suspended: str | None = None
    history: list[HistoryEvent] = attrs.field(factory=list)
    custom_status: Payload | None = None
    updated_at: datetime
    completed_at: datetime | None = None
    idle: bool = False
    blocked: str | None = None
    parked: bool = False
    tried: set[str] = attrs.field(factory=set)
    owner: str | None = None
    epoch: int = 0
    in_hand: bool = False
    lost: int = 0
    era: int = 0
    ticket: int = NO_TICKET

    timers: dict[int, datetime] = attrs.field(factory=dict)
    activities: dict[int, Activity] = attrs.field(factory=dict)
    children: dict[int, str] = attrs.field(factory=dict)
    waits: dict[int, str] = attrs.field(factory=dict)
    calls: dict[int, tuple[EntityId, int]] = attrs.field(factory=dict)
    locks: dict[int, LockRequest] = attrs.field(factory=dict)
    regaining: set[int] = attrs.field(factory=set)

    inbox: dict[int, News] = attrs.field(factory=dict)
    keys: set[str] = attrs.field(factory=set)
    answers: set[str] = attrs.field(factory=set)
    is_awaited: bool = False
    waiters: list[Caller] = attrs.field(factory=list)

    @property
    def id(self) -> str:
        return self.started.instance_id

    @property
    def lease(self) -> Lease:
        started = self.started
        return Lease(started.instance_id, started.execution_id, self.epoch)

    @property
    def has_ended(self) -> bool:
        return self.progress.has_ended

    @property
    def status(self) -> RuntimeStatus:
        return self.progress if self.suspended is None else RuntimeStatus.SUSPENDED

    def caller(self, number: int) -> Caller:
        """Its execution, as the one who waits for the answer to a command."""
        return Caller(self.id, self.started.execution_id, number)

    def fence(self) -> None:
        """Nobody holds it any more, and whoever runs an episode of it right now is refused."""
        self.epoch += 1
        self.owner = None
        self.in_hand = False

    def due(self, now: datetime) -> datetime | None:
        """When there is something to do; None if nobody can know."""
        if self.in_hand or self.suspended is not None or self.parked or self.regaining:
            return None
        if self.has_ended:
            return None
        if len(self.history) == 1:  # no episode of this execution yet
            return self.start_at or now
        if self.progress is RuntimeStatus.BLOCKED or self.inbox:
            return now
        return min(self.timers.values(), default=None)

    def due_timers(self, now: datetime) -> list[tuple[datetime, int]]:
        return [(due, number) for number, due in self.timers.items() if due <= now]


@attrs.define(eq=False, kw_only=True)
class Activity:
    """due: when the next attempt may begin; it means nothing while one runs (owner is set). lost:
    how many workers died while they ran it. execution_id: the instance may be at another one when
    an attempt comes to its end."""

    instance: Instance
    execution_id: str
    command: ScheduleActivity
    options: ActivityOptions
    scheduled_at: datetime
    due: datetime
    attempt: int = 1
    lost: int = 0
    owner: str | None = None
    epoch: int
    cancelling: Cancelling | None = None
    heartbeat: Payload | None = None
    last_failure: Failure | None = None
    ticket: int = NO_TICKET

    @property
    def lease(self) -> ActivityLease:
        number = self.command.number
        instance_id = self.instance.started.instance_id
        return ActivityLease(instance_id, self.execution_id, number, self.epoch)


@attrs.define(eq=False, kw_only=True)
class LockRequest:
    """granted: how many of the entities it has locked, from the first on; it stands in the queue of
    the one that follows, at `place`, until it has them all."""

    caller: Caller
    entities: tuple[EntityId, ...]
    granted: int = 0
    place: int = 0

    @property
    def is_complete(self) -> bool:
        return self.granted == len(self.entities)


@attrs.define(eq=False, kw_only=True)
class Entry:
    """One in the queue of an entity: an operation or a lock request."""

    place: Place
    operation: Operation | None = None
    request: LockRequest | None = None


@attrs.define(eq=False, kw_only=True)
class Entity:
    """queue: by the number of its place. later: signals that are not due yet, in order of due time.
    locked_by: who holds its lock. in_hand: the operations that its holder was given; it has an
    owner if, and only if, there are some. lost: holders in a row that died with some in hand."""

    id: EntityId
    state: Payload | None = None
    updated_at: datetime
    queue: OrderedDict[int, Entry] = attrs.field(factory=OrderedDict)
    later: list[Operation] = attrs.field(factory=list)
    locked_by: Caller | None = None
    owner: str | None = None
    epoch: int = 0
    in_hand: frozenset[int] = frozenset()
    lost: int = 0
    ticket: int = NO_TICKET

    @property
    def lease(self) -> EntityLease:
        return EntityLease(self.id, self.epoch)

    @property
    def queued(self) -> int:
        """Operations that have not been run."""
        waiting = sum(1 for each in self.queue.values() if each.operation is not None)
        return waiting + len(self.later)

    @property
    def is_void(self) -> bool:
        """Nothing would be lost if there was none."""
        return self.state is None and self.locked_by is None and not self.queue and not self.later

    def runnable(self, limit: int) -> list[Operation]:
        places = (each.place for each in self.queue.values())
        numbers = numbers_to_run(places, self.locked_by, limit)
        operations = [self.queue[number].operation for number in numbers]
        return [each for each in operations if each is not None]

    def due(self, now: datetime) -> datetime | None:
        """When there is something to do; None if nobody can know."""
        if self.owner is not None:
            return None
        if self.runnable(1):
            return now
        return self.later[0].at if self.later and self.locked_by is None else None


@attrs.define(eq=False)
class Session:
    """renewed_at: its last commit. expired: it was silent too long, and was freed of what it held.
    claim: its last one. to_tell: attempts that it runs, and is to stop."""

    renewed_at: datetime
    expired: bool = False
    claim: Claim | None = None
    to_tell: list[Activity] = attrs.field(factory=list)

    @property
    def fingerprint(self) -> str:
        return "" if self.claim is None else self.claim.fingerprint


@attrs.define(eq=False)
class KeptAnswer:
    """To a request that `instance` has answered."""

    instance: Instance
    answer: Answer
    at: datetime
