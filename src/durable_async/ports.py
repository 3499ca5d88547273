"""The seams between the layers, as Protocols with numbered rules. Invariant: nothing here has a
body; whatever keeps the rules can stand on either side.

Engine (E): a store that keeps history and hands out work. Connection (N): an open engine as
clients see it. Host (H): an open engine as workers see it, the one who runs turns. Driver (D):
a worker as the host sees it. OrchestratorRuntime (R): the running execution as the durable
functions see it. OrchestratorCode (O): the user's code as the core sees it.

One *turn* is the heartbeat of a process: what clients and finished activities ask is drained,
the driver runs the episodes that this wakes, `Engine.commit` makes all of it durable in one
transaction, and only then is anything acknowledged or begun.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, NoReturn, Protocol, TypeVar

from durable_async.model.creation import IfExists
from durable_async.model.failure import Failure
from durable_async.model.history import HistoryEvent
from durable_async.model.identity import EntityId
from durable_async.model.options import ActivityOptions
from durable_async.model.payload import Payload
from durable_async.model.status import OrchestrationInfo
from durable_async.model.work import (
    ActivityReport,
    Answer,
    Batch,
    Claim,
    Created,
    CreateInstance,
    EntityCommit,
    EntityLease,
    EntityPage,
    EntityQuery,
    EntityRecord,
    EpisodeCommit,
    Heartbeat,
    InstanceEnd,
    InstanceQuery,
    InstanceRecord,
    Lease,
    Message,
    Page,
    Receipt,
)

__all__ = [
    "Arrival",
    "Clock",
    "Codec",
    "Connection",
    "Driver",
    "DriverWork",
    "Engine",
    "EntityCode",
    "EntityRuntime",
    "Host",
    "OrchestratorCode",
    "OrchestratorRuntime",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Clock(Protocol):
    """C1. `now()` is aware, UTC. It may jump: nothing durable relies on it being monotonic."""

    def now(self) -> datetime: ...


class Codec(Protocol):
    """Changes payloads on their way into the store and out of it: to encrypt, to compress.

    K1. `decode(encode(p)) == p`. K2. `encode` marks what it did in `Payload.encoding`, and
    `decode` returns a payload that carries no such mark unchanged. What either raises becomes a
    SerializationError. May be called from several threads.
    Known elsewhere as: Temporal's PayloadCodec.
    """

    def encode(self, payload: Payload) -> Payload: ...
    def decode(self, payload: Payload) -> Payload: ...


class Engine(Protocol):
    """A store that keeps history and hands out work. Used by one thread at a time.

    E1  History, status, inbox, new activities, timers and messages of an episode change in ONE
        transaction (`commit`), fenced by the lease's epoch; a stale holder's episode, report,
        heartbeat and release are refused with LeaseLostError, and the rest of the batch goes
        through. An episode whose `length` differs from history's is refused likewise, and one
        that was woken with results directly, while the inbox held earlier news that it was not
        given: what was accepted first is delivered first. The error says in `became` if it was
        an operator who ended, suspended or purged the instance.
    E2  What `commit` returned from is durable.
    E3  An activity is handed out until a report ends it; an ended one is never handed out
        again. When a session's process is known dead its leases are free at once, otherwise
        when the lease time has passed without a commit of the session. An activity lost
        LOST_WORKER_LIMIT times, or once with `on_lost="fail"`, fails with WorkerLostError.
    E4  The engine's clock alone decides what is due: timers, retries, starts; and it stamps
        what it accepts.
    E5  `commit` takes batches; its cost grows with what is in the batch, never with the number
        of instances, or of events behind an instance, in the store.
    E6  What a commit made runnable is claimed in the same commit if the batch has a claim.
    E7  Every stored event carries a checksum; a damaged instance becomes BLOCKED and is named,
        the others go on.
    E8  An unknown kind of event, or a definition nobody here has, is left for a worker that
        knows it; the instance never fails of it.
    E9  Rows are versioned; migrations are numbered and go forward only.
    E10 What an execution asks of others (a child, a detached start, an event, a cancel, an answer,
        an operation, a lock) is done in the transaction of its episode. A child's end, the
        answer to a start, to a call or to a lock reach it as CallCompleted or CallFailed, if it
        is still that execution; an id that is taken, a cancelled and a terminated child are
        failures whose class says so.
    E11 When an execution ends, whatever the reason, its timers and activities end with it, its
        locks are released and its open lock requests withdrawn, its queued entity calls taken
        back, and its live children cancelled (each once; if it has not done that before), or
        terminated if it was. Detached instances live
        on. What it sent before is delivered.
    E12 ExecutionContinued: the same instance has a new execution, with a history of one event, no
        custom status, the carried events as news, in order, and behind them the events,
        requests and cancels of its inbox (no events if nothing is carried). It is never seen
        to have ended, and its store does not grow with the number of its executions.
    E13 Suspended: no episode is handed out, and one that runs is refused; results, timers and
        messages wait. A cancel resumes. One that is PENDING or BLOCKED when it is cancelled ends
        CANCELLED, and no code runs.
    E14 An instance is handed out again after its worker died, four times in a row at most without
        a commit in between; then it is BLOCKED, quarantined.
    E15 Of an entity one operation runs at a time, in the order in which they were accepted (a
        signal: came due); state, results and messages of a batch of operations change in one
        transaction, fenced by the lease. A lock is requested as an operation is, of one entity
        after the other in their order, and holds back all others' operations until it is
        released; the calls of who holds it pass. A holder that dies has stored nothing; the
        operation that five in a row died under fails with WorkerLostError.
    """

    def open(self) -> None:
        """Make ready. Raises StoreError, saying what to do, if the store cannot be used."""
        ...

    def close(self) -> None: ...

    def open_session(self, identity: str) -> str:
        """A new session for a worker. identity: for people, e.g. host and process id."""
        ...

    def close_session(self, session: str) -> None:
        """Give back everything the session holds, at once."""
        ...

    @property
    def renew_every(self) -> float:
        """Seconds within which a session must commit again, with work or without: to keep its
        leases, and to see which other sessions died."""
        ...

    def commit(self, batch: Batch, /) -> Receipt:
        """Make the batch durable, or raise StoreError with nothing of it done.

        A batch that asks for nothing and finds nothing to claim writes nothing, except that it
        renews the session when that is due: idle processes must not wake one another.
        """
        ...

    def changed(self) -> bool:
        """Whether others have committed since this was last asked; cheap enough to poll.

        A `commit` here does not count as asking: what others did just before it must be seen. So
        must an instance that turned out to be damaged, and was BLOCKED by it.
        """
        ...

    def now(self) -> datetime: ...

    def records(self, instance_ids: Sequence[str], /) -> tuple[InstanceRecord | None, ...]: ...

    def at_work(self, instance_ids: Sequence[str], /) -> tuple[bool, ...]:
        """Of each, whether it is live, and neither BLOCKED nor idle: who waits for its end has
        nothing to be told. Cheaper than its record."""
        ...

    def history(self, instance_id: str, /) -> tuple[HistoryEvent, ...]:
        """Of the newest execution. Raises InstanceNotFoundError; StoreError if damaged."""
        ...

    def inbox(self, instance_id: str, /) -> tuple[HistoryEvent, ...]:
        """What was accepted for it and is not in its history yet, in order of delivery; without
        timers. Raises InstanceNotFoundError; StoreError if damaged."""
        ...

    def page(self, query: InstanceQuery, /) -> Page: ...

    def count(self, query: InstanceQuery, /) -> int:
        """How many match; `after` and `limit` are ignored."""
        ...

    def answer(self, request_id: str, /) -> Answer | None:
        """None if there is none (any more)."""
        ...

    def entity(self, entity: EntityId, /) -> EntityRecord | None:
        """None if it has neither state nor operations, and is not locked."""
        ...

    def entities(self, query: EntityQuery, /) -> EntityPage: ...


class Connection(Protocol):
    """An open engine as clients see it.

    N1  Methods may be called from any event loop of the process.
    N2  Cancelling the wait for an answer does not undo what was asked.
    N3  Errors are raised, not returned.
    """

    async def create(self, request: CreateInstance) -> Created: ...
    async def send(self, message: Message) -> int:
        """How many instances it reached; see Receipt."""
        ...

    async def record(self, instance_id: str) -> InstanceRecord:
        """Raises InstanceNotFoundError."""
        ...

    async def ended(
        self, instance_id: str, *, stuck: Callable[[InstanceRecord], None] | None = None
    ) -> InstanceRecord:
        """Wait until the instance has ended. Raises InstanceNotFoundError.

        stuck: called on the caller's loop when the instance is seen BLOCKED or idle meanwhile.
        """
        ...

    async def end(
        self, instance_id: str, *, stuck: Callable[[InstanceRecord], None] | None = None
    ) -> InstanceEnd:
        """As `ended`, for those who need no more of it: some engines have less to ask."""
        ...

    async def history(self, instance_id: str) -> tuple[HistoryEvent, ...]: ...
    async def inbox(self, instance_id: str) -> tuple[HistoryEvent, ...]: ...
    async def page(self, query: InstanceQuery) -> Page: ...
    async def count(self, query: InstanceQuery) -> int: ...
    async def now(self) -> datetime:
        """The engine's clock (UTC)."""
        ...

    async def answered(self, instance_id: str, request_id: str) -> Answer:
        """Wait until the instance has answered this request.

        Raises: InstanceFinishedError if it ends, or has ended, without an answer;
        InstanceNotFoundError.
        """
        ...

    async def entity(self, entity: EntityId) -> EntityRecord | None: ...
    async def entities(self, query: EntityQuery) -> EntityPage: ...


class DriverWork(Protocol):
    """The driver's share of a Batch."""

    @property
    def session(self) -> str: ...
    @property
    def episodes(self) -> tuple[EpisodeCommit, ...]: ...
    @property
    def reports(self) -> tuple[ActivityReport, ...]: ...
    @property
    def heartbeats(self) -> tuple[Heartbeat, ...]: ...
    @property
    def entities(self) -> tuple[EntityCommit, ...]: ...
    @property
    def releases(self) -> tuple[Lease | EntityLease, ...]: ...
    @property
    def claim(self) -> Claim | None: ...


class Host(Protocol):
    """An open engine as workers see it: the one who runs turns.

    H1  Methods may be called from any thread or event loop of the process.
    H2  When `detach` has returned, no method of the driver is called any more, and all that its
        session held has been given back. Before that, a driver that has work gets its turn.
    H3  A driver that has news from elsewhere (an activity that ended) puts it where `prepare`
        will find it, then calls `wake`.
    """

    async def open_session(self, identity: str) -> str:
        """identity: for people, e.g. host and process id. Raises StoreError."""
        ...

    def attach(self, driver: Driver) -> None: ...
    async def detach(self, driver: Driver) -> None: ...
    def wake(self) -> None: ...


class Driver(Protocol):
    """A worker, as its host sees it. All methods run in the turn's thread.

    D1  `prepare` runs every episode that is due; `settle` follows each `prepare`, and nothing
        of the work has begun or is acknowledged before it.
    D2  If the commit failed, `abandon` follows instead; the driver drops what it ran.
    D3  `has_work` is cheap, and True when the next `prepare` would bring more than a claim that
        was made before: an episode, a report, a heartbeat, a release, a freed place for an
        activity. Without it a turn may pass the driver over.
    """

    @property
    def session(self) -> str: ...

    def has_work(self) -> bool: ...
    def prepare(self, now: datetime) -> DriverWork: ...
    def settle(self, receipt: Receipt) -> None: ...
    def abandon(self, error: BaseException) -> None: ...


class Arrival(Protocol[T_co]):
    """How a payload becomes a value again, and a failure an exception, for one command."""

    def value(self, payload: Payload, /) -> T_co:
        """Raises SerializationError if it does not fit the hint."""
        ...

    def error(self, failure: Failure, /, *, as_remote: bool = False) -> BaseException:
        """The exception to raise. as_remote: a RemoteError even if the class is at hand here,
        because that is how it was delivered first."""
        ...


class OrchestratorRuntime(Protocol):
    """The running execution. Found by durable functions as the attribute `durable_runtime` of the
    running event loop.

    R1  A command is issued when the method is called, and numbered in that order.
    R2  What a command brings is the same at replay; it reaches the code as its Arrival says.
    R3  While an execution is being closed (evicted), nothing is issued: methods that wait stop
        the close silently, the others do nothing.
    """

    def now(self) -> datetime: ...
    def is_replaying(self) -> bool: ...
    def is_matching(self) -> bool:
        """Whether what is asked for now is only compared with its record: none of it is stored."""
        ...

    def is_performing(self) -> bool:
        """Whether a side effect runs: what it does is done once, and replay passes it over."""
        ...

    def is_closed(self) -> bool:
        """Whether the execution is being closed, or was: nothing it asks for happens."""
        ...

    def new_key(self) -> int:
        """A hash for an object of this execution; the same at replay."""
        ...

    def info(self) -> OrchestrationInfo: ...

    def count(self, name: str, /) -> int:
        """How often this execution asked for `name` before: 0, 1, 2 ... The same at replay."""
        ...

    def keep(self, key: str, make: Callable[[], T], /) -> T:
        """The execution's own object of this key, made at first use."""
        ...

    def schedule_activity(
        self,
        *,
        name: str,
        input: Payload,
        fingerprint: int,
        options: ActivityOptions | None,
        wait_for_cancel: bool,
        line: str | Callable[[], str],
        arrival: Arrival[T],
        definition: object = None,
    ) -> asyncio.Future[T]:
        """Records ActivityScheduled, then ActivityCompleted or ActivityFailed. definition: for a
        worker that learns definitions as orchestrators await them."""
        ...

    def wait_for_event(
        self, *, name: str, line: str | Callable[[], str], arrival: Arrival[T]
    ) -> Awaitable[T]:
        """Records EventAwaited when awaited, then EventReceived or EventWaitCancelled."""
        ...

    def side_effect(
        self,
        *,
        name: str,
        line: str | Callable[[], str],
        perform: Callable[[], Payload | Failure],
    ) -> Payload | Failure:
        """Records SideEffectRecorded. `perform` runs only if history has no record yet."""
        ...

    def set_custom_status(self, status: Payload | None) -> None: ...

    def patched(self, id: str, /) -> bool:
        """Records PatchMarked when it is True for the first time."""
        ...

    def start_child(
        self,
        *,
        id: str | None,
        name: str,
        version: str | None,
        newest: bool,
        input: Payload,
        fingerprint: int,
        queue: str,
        tags: dict[str, str],
        line: str | Callable[[], str],
        arrival: Arrival[T],
        definition: object = None,
    ) -> tuple[str, asyncio.Future[T]]:
        """The child's id, and what it will bring. Records ChildStarted, then CallCompleted or
        CallFailed, or ChildCancelRequested. id: of the instance; None to derive it from the
        execution's id and the command's number."""
        ...

    def start_instance(
        self,
        *,
        id: str | None,
        name: str,
        version: str | None,
        newest: bool,
        input: Payload,
        fingerprint: int,
        queue: str,
        tags: dict[str, str],
        start_at: datetime | None,
        if_exists: IfExists,
        line: str | Callable[[], str],
        definition: object = None,
    ) -> tuple[str, asyncio.Future[None]]:
        """The instance's id, and what says that there is one. Records InstanceStarted, then
        CallCompleted or CallFailed; cancelling the future records nothing."""
        ...

    def await_instance(
        self, *, instance_id: str, line: str | Callable[[], str], arrival: Arrival[T]
    ) -> asyncio.Future[T]:
        """Records InstanceAwaited, then CallCompleted or CallFailed, or InstanceWaitCancelled."""
        ...

    def send_event(
        self, *, instance_id: str, name: str, data: Payload, line: str | Callable[[], str]
    ) -> None:
        """Records EventSent."""
        ...

    def send_cancel(self, *, instance_id: str, reason: str, line: str | Callable[[], str]) -> None:
        """Records CancelSent."""
        ...

    def wait_for_request(
        self, *, name: str, line: str | Callable[[], str]
    ) -> Awaitable[tuple[str, Payload]]:
        """The request's id and data. Records as `wait_for_event`."""
        ...

    def answer_request(
        self,
        *,
        request_id: str,
        result: Payload | None,
        reason: str,
        line: str | Callable[[], str],
    ) -> None:
        """result: None to reject it. Records RequestAnswered."""
        ...

    def call_entity(
        self,
        *,
        entity: EntityId,
        operation: str,
        input: Payload,
        fingerprint: int,
        lock: int | None,
        line: str | Callable[[], str],
        arrival: Arrival[T],
        definition: object = None,
    ) -> asyncio.Future[T]:
        """lock: the number that `request_lock` gave. Records EntityCalled, then CallCompleted or
        CallFailed, or EntityCallCancelled."""
        ...

    def signal_entity(
        self,
        *,
        entity: EntityId,
        operation: str,
        input: Payload,
        fingerprint: int,
        due: datetime | None,
        line: str | Callable[[], str],
        definition: object = None,
    ) -> None:
        """Records EntitySignalled."""
        ...

    def request_lock(
        self, *, entities: tuple[EntityId, ...], line: str | Callable[[], str]
    ) -> tuple[int, asyncio.Future[None]]:
        """entities: sorted, each once. The lock's number, and what says that it is granted.
        Records LockRequested, then CallCompleted; cancelling the future records LockReleased."""
        ...

    def release_lock(self, number: int, /) -> None:
        """Records LockReleased, once."""
        ...

    def continue_as_new(
        self,
        *,
        name: str,
        version: str | None,
        newest: bool,
        input: Payload,
        fingerprint: int,
        queue: str | None,
        tags: dict[str, str] | None,
        carry: bool,
        line: str | Callable[[], str],
        definition: object = None,
    ) -> NoReturn:
        """Records ExecutionContinued, and nothing after it. queue, tags: None to keep them."""
        ...


class EntityRuntime(Protocol):
    """The operations of an entity while they run. Found by durable functions as the attribute
    `durable_entity` of the running event loop.

    T1  An operation is not replayed, and may run again until its commit.
    T2  What it asks for is done when its batch is committed, if the operation has not failed.
    """

    @property
    def entity(self) -> EntityId: ...
    def now(self) -> datetime: ...
    def seed(self) -> bytes:
        """16 bytes that no other operation has."""
        ...

    def count(self, name: str, /) -> int:
        """How often this operation asked for `name` before."""
        ...

    def keep(self, key: str, make: Callable[[], T], /) -> T:
        """The operation's own object of this key, made at first use."""
        ...

    def signal_entity(
        self, *, entity: EntityId, operation: str, input: Payload, due: datetime | None
    ) -> None: ...
    def send_event(self, *, instance_id: str, name: str, data: Payload) -> None: ...
    def start_instance(
        self,
        *,
        id: str | None,
        name: str,
        version: str | None,
        newest: bool,
        input: Payload,
        queue: str,
        tags: dict[str, str],
        start_at: datetime | None,
        if_exists: IfExists,
    ) -> str:
        """The id that it will have; one that is taken is logged, as nobody waits to hear of it."""
        ...

    def delete(self) -> None:
        """The entity has no state when this operation has ended."""
        ...


class EntityCode(Protocol):
    """The user's entity, as the core sees it.

    Q1  Python values exist on this side only.
    """

    @property
    def name(self) -> str: ...

    def load(self, state: Payload | None, /) -> object:
        """The object that the state describes; a new one if there is none. Raises:
        SerializationError if the state does not fit; what the class's own code raises."""
        ...

    def operate(
        self, entity: object, operation: str, input: Payload, /
    ) -> Coroutine[Any, Any, Payload]:
        """To be driven: runs the method on the object; its result. Raises what the method raises;
        SerializationError if the arguments or the result do not fit; AttributeError, naming it,
        for an operation that there is not."""
        ...

    def save(self, entity: object, /) -> Payload:
        """Raises SerializationError, naming the field."""
        ...

    def failure(self, error: BaseException, operation: str, /) -> Failure: ...


class OrchestratorCode(Protocol):
    """The user's orchestrator, as the core sees it.

    O1  Python values exist on this side only: the core hands in and takes out payloads.
    """

    @property
    def name(self) -> str: ...

    def start(self, input: Payload, /) -> Coroutine[Any, Any, Any]:
        """The coroutine to drive. Raises SerializationError if the input does not fit."""
        ...

    def result(self, value: Any, /) -> Payload:
        """Raises SerializationError, naming the function."""
        ...

    def failure(self, error: BaseException, /) -> Failure: ...
