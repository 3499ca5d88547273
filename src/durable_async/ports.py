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
from typing import Any, Protocol, TypeVar

from durable_async.model.failure import Failure
from durable_async.model.history import HistoryEvent
from durable_async.model.options import ActivityOptions
from durable_async.model.payload import Payload
from durable_async.model.status import OrchestrationInfo
from durable_async.model.work import (
    ActivityReport,
    Batch,
    Claim,
    Created,
    CreateInstance,
    EpisodeCommit,
    Heartbeat,
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
        through. An episode whose `length` differs from history's is refused likewise.
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

        A `commit` here does not count as asking: what others did just before it must be seen.
        """
        ...

    def now(self) -> datetime: ...

    def records(self, instance_ids: Sequence[str], /) -> tuple[InstanceRecord | None, ...]: ...

    def history(self, instance_id: str, /) -> tuple[HistoryEvent, ...]:
        """Of the newest execution. Raises InstanceNotFoundError; StoreError if damaged."""
        ...

    def page(self, query: InstanceQuery, /) -> Page: ...

    def count(self, query: InstanceQuery, /) -> int:
        """How many match; `after` and `limit` are ignored."""
        ...


class Connection(Protocol):
    """An open engine as clients see it.

    N1  Methods may be called from any event loop of the process.
    N2  Cancelling the wait for an answer does not undo what was asked.
    N3  Errors are raised, not returned.
    """

    async def create(self, request: CreateInstance) -> Created: ...
    async def send(self, message: Message) -> None: ...
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

    async def history(self, instance_id: str) -> tuple[HistoryEvent, ...]: ...
    async def page(self, query: InstanceQuery) -> Page: ...
    async def count(self, query: InstanceQuery) -> int: ...


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
    def releases(self) -> tuple[Lease, ...]: ...
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
