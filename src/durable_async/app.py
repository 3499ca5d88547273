"""Where the parts are put together. Invariant: this module alone knows both workers and engines.

`Client` opens an engine by its URL; `Worker` runs definitions for a client; `run` is both, for
one instance, in a script.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, Final, Protocol, TypeVar, runtime_checkable

import attrs

from durable_async.client.client import Client as EngineClient
from durable_async.client.client import OpenEngine
from durable_async.client.handle import Handle
from durable_async.convert.values import Converter
from durable_async.core.pending import open_waits
from durable_async.dsl.calls import OrchestratorCall
from durable_async.dsl.registry import Registry
from durable_async.engines import open_engine
from durable_async.engines.thread import EngineThread
from durable_async.errors import (
    DeadlockError,
    DurableError,
    EngineLimitError,
    InstanceAlreadyExistsError,
    InstanceNotFoundError,
    NonDeterminismError,
    NotDurableError,
    StoreError,
)
from durable_async.lines import place_of, user_place
from durable_async.model.history import HistoryEvent, InstanceAwaited
from durable_async.model.outcome import Blocked, Outcome
from durable_async.model.status import ENDED, RuntimeStatus
from durable_async.model.work import InstanceQuery, InstanceRecord
from durable_async.ports import Codec
from durable_async.worker.dependence import awaited_by
from durable_async.worker.guard import GuardMode, check_mode, guard_for
from durable_async.worker.narration import Narrator
from durable_async.worker.notices import describe_tasks
from durable_async.worker.oversight import Oversight
from durable_async.worker.progress import DefinitionMissing, EpisodeEnded, InstanceIdle, Step
from durable_async.worker.rehearsal import missing_definition, rehearse, unknown_definitions
from durable_async.worker.replays import ReplayFilter
from durable_async.worker.service import Service, WorkerService
from durable_async.worker.settings import Settings
from durable_async.worker.worker import Worker as EngineWorker

__all__ = ["DEFAULT_URL", "Client", "Worker", "default_id", "run"]

R = TypeVar("R")

_logger: Final = logging.getLogger("durable_async.app")

DEFAULT_URL: Final = "sqlite:///durable.db"

_NAME_IN_ID: Final = 200
"""Characters of an orchestrator's name that a default id keeps; the fingerprint follows."""

_LIVE: Final = frozenset(RuntimeStatus) - ENDED

_LAST_ACTIVITIES: Final = 5.0
"""Seconds that activities which `run` no longer needs have to see their cancellation."""


class Client(EngineClient):
    """Starts instances in a store, and finds them again: `async with Client(url) as client:`.

    url: "sqlite:///relative/path.db", "sqlite:////absolute/path.db", "sqlite://" for a store in
    memory that belongs to this object alone, or "temporal://host:7233/namespace" for a Temporal
    cluster. namespace: a part of the store with names of its own. converter: value <-> payload, by
    type hint. codec: payload <-> payload (encrypt, compress); every process that reads the same
    instances needs the same.
    Raises: StoreError if the URL names no engine, and, when entered, if the store cannot be used.
    Known elsewhere as: Temporal's Client, Azure's durable client, DBOSClient.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        namespace: str = "default",
        converter: Converter | None = None,
        codec: Codec | None = None,
    ) -> None:
        connect = _connection(url, namespace)
        super().__init__(connect, converter=_converter(converter, codec), name=url)


def _connection(
    url: str, namespace: str
) -> Callable[[], contextlib.AbstractAsyncContextManager[OpenEngine]]:
    """How to open the engine of a URL. A wrong one shows now."""
    if url.startswith("temporal://"):
        from durable_async.engines.temporal import TemporalEngine, address_of

        address = address_of(url, namespace=namespace)
        return lambda: TemporalEngine(address)
    # Made here, once: a store in memory outlives the `async with`.
    engine = open_engine(url, namespace=namespace)
    return lambda: EngineThread(engine)


@runtime_checkable
class _Cluster(Protocol):
    """An engine that hands out work in a way of its own."""

    def worker_service(self, registry: Registry, converter: Converter, **settings: Any) -> Any: ...


class Worker(EngineWorker):
    __doc__ = EngineWorker.__doc__

    def _new_service(self) -> Service:
        host: object = self._client.host
        if not isinstance(host, _Cluster):
            return super()._new_service()
        settings = self._settings
        oversight = Oversight(guard_for(settings.guard))
        service: Service = host.worker_service(
            self._registry,
            self._client.converter,
            queues=settings.queues,
            max_activities=settings.max_activities,
            cache=settings.cache,
            identity=settings.identity,
            drain_timeout=settings.drain_timeout,
            supervise=oversight.call,
        )
        return _QuietInReplay(service)


class _QuietInReplay:
    """A service during which the logs of what is replayed are dropped."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._replays = ReplayFilter()

    async def start(self) -> None:
        await self._service.start()
        self._replays.put_on()

    async def stop(self, *, hurry: asyncio.Event | None = None) -> None:
        try:
            await self._service.stop(hurry=hurry)
        finally:
            self._replays.take_off()


def _converter(converter: Converter | None, codec: Codec | None) -> Converter:
    if codec is None:
        return converter or Converter()
    if converter is None:
        return Converter(codec=codec)
    if converter.codec is not None:
        raise ValueError(
            "the converter has a codec of its own, and Client(..., codec=...) brings another: "
            "give it to one of them"
        )
    return converter.with_codec(codec)


# ---- run -----------------------------------------------------------------------------------


def run(
    call: Coroutine[Any, Any, R],
    *,
    url: str = DEFAULT_URL,
    namespace: str = "default",
    id: str | None = None,
    codec: Codec | None = None,
    guard: GuardMode = "audit",
    progress: bool | None = None,
) -> R:
    """Run one orchestrator durably, from a script, and return its result.

    Killed and run again, the script goes on where it was: what had completed is not done again.
    This instance is run here, its children and theirs, and no others. An instance that is started
    detached is run here while its result is awaited, and else left to a worker. A definition
    becomes known when it is called.

    call: `checkout("o-1")`, not awaited. url, namespace, codec: see `Client`. id: by default that
    of `default_id`: if an instance of this id runs, this goes on with it; if it has ended, a new
    one begins. With an id of your own, what has ended gives its recorded outcome again.
    guard: see `Worker`. progress: whether to write one line a step to stderr; by default, if that
    is a terminal.

    Raises: what the orchestrator raised; InstanceCancelledError, InstanceTerminatedError;
    NotRegisteredError for a definition that cannot be learned (a method, or what is called by
    name); DeadlockError if it waits for nothing that could come; NonDeterminismError if its code,
    or that of a child, no longer fits its history; StoreError;
    TypeError if `call` is no call of an orchestrator; RuntimeError inside a running event loop;
    KeyboardInterrupt on Ctrl-C, and the instance can be gone on with.
    Records: what the orchestrator does.
    Known elsewhere as: asyncio.run, Prefect's and Metaflow's runs and their resume.
    """
    if isinstance(call, OrchestratorCall):
        call.taken()  # whatever comes of it, it was not forgotten
    _refuse_inside_loop()
    if url.startswith("temporal://"):
        raise EngineLimitError(
            f"da.run works with a store, and {url!r} is a Temporal cluster: use `async with "
            "da.Client(url) as client, da.Worker(client, [...])`, and there "
            "`await (await client.start(call)).result()`"
        )
    tells = sys.stderr.isatty() if progress is None else progress
    client = Client(url, namespace=namespace, codec=codec)
    one = _OneInstance(call, client, id, tells, url=url, guard=check_mode(guard))
    try:
        result: R = asyncio.run(one.run())
        return result
    except KeyboardInterrupt as interrupt:
        # Where in our code it came says nothing: the line of this call and the way on are enough.
        interrupt.add_note(one.way_on())
        raise interrupt.with_traceback(None) from None


def _refuse_inside_loop() -> None:
    loop = asyncio._get_running_loop()
    if loop is None:
        return
    if hasattr(loop, "durable_runtime"):
        raise NotDurableError(
            f"da.run is used inside an orchestrator, at {place_of(user_place())}: it would block "
            "the loop that replays it. Await activities here; start other instances from an "
            "activity"
        )
    raise RuntimeError(
        f"da.run blocks, and at {place_of(user_place())} an event loop is running: use "
        "`async with da.Client(url) as client, da.Worker(client, [...])`, and there "
        "`await (await client.start(call)).result()`"
    )


class _OneInstance:
    """One call of `run`."""

    def __init__(
        self,
        call: Coroutine[Any, Any, Any],
        client: Client,
        id: str | None,
        tells: bool,
        *,
        url: str,
        guard: GuardMode,
    ) -> None:
        self._guard = guard
        self._call = call
        self._url = url
        self._given_id = id
        self._id: str | None = None
        self._registry = Registry()
        self._client = client
        self._narrator = Narrator(_keep_quiet, client.converter)
        self._write = _write if tells else _keep_quiet
        self._idle: dict[str, tuple[tuple[str, str], ...]] = {}  # and what their tasks wait for
        self._awaited: set[str] = set()  # that are no children of those that await them
        self._service: WorkerService | None = None
        self._looking: asyncio.Task[None] | None = None
        self._look_again = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._dead_end: asyncio.Future[Any] | None = None

    async def run(self) -> Any:
        self._loop = asyncio.get_running_loop()
        self._dead_end = self._loop.create_future()
        async with self._client:
            handle = await self._start()
            record = await self._client.connection.record(handle.id)
            if record.status is RuntimeStatus.SUSPENDED:
                _logger.warning(
                    "instance %r is suspended%s: it goes on here when it is resumed",
                    handle.id,
                    f" ({record.suspended})" if record.suspended else "",
                )
            if not record.status.has_ended:
                await self._work(handle)
            return await handle.result()

    def way_on(self) -> str:
        """What to do after an interruption."""
        if self._id is None:
            return "interrupted before it had started"
        if self._url == "sqlite://":
            return f"instance {self._id!r} was kept in memory alone, and is gone"
        return (
            f"instance {self._id!r} is kept in {self._url}: run the same again, and it goes on "
            "where it was"
        )

    async def _start(self) -> Handle[Any]:
        client, call = self._client, self._call
        if self._given_id is not None:
            handle = await client.start(call, id=self._given_id, if_exists="attach")
        else:
            made = default_id(call, client.converter)
            try:
                handle = await client.start(call, id=made, if_exists="replace")
            except InstanceAlreadyExistsError:  # it is under way
                handle = await client.start(call, id=made, if_exists="attach")
        self._id = handle.id
        assert isinstance(call, OrchestratorCall), "start has refused anything else"
        self._registry = Registry.of([call.orchestrator])
        return handle

    async def _work(self, handle: Handle[Any]) -> None:
        """Until the instance has ended, or cannot end."""
        self._narrator = Narrator(self._write, self._client.converter, handle.id)
        await self._rehearse(handle.id)
        settings = Settings(
            only=frozenset((handle.id, *self._awaited)),
            learns=True,
            observer=self._observe,
            retries_blocked=True,
            drain_timeout=_LAST_ACTIVITIES,
            guard=self._guard,
        )
        service = self._service = WorkerService(self._client, self._registry, settings)
        await service.start()
        hurry = asyncio.Event()
        try:
            await self._until_ended(handle.id)
        except BaseException:
            hurry.set()
            raise
        finally:
            await service.stop(hurry=hurry)

    async def _rehearse(self, root: str) -> None:
        """Go over the histories of the instance, and of those live ones that it waits for, before
        anything runs: so their definitions become known."""
        connection, registry = self._client.connection, self._registry
        to_do = [root]
        while to_do:
            instance_id = to_do.pop()
            history = await connection.history(instance_id)
            if instance_id == root:
                self._narrator.recall(history)
            awaited = [wait for wait in open_waits(history) if isinstance(wait, InstanceAwaited)]
            if instance_id == root or awaited or any(unknown_definitions(history, registry)):
                # In a thread: it has a loop of its own to run.
                await asyncio.to_thread(rehearse, history, registry, self._client.converter)
            needed = [each async for each in self._live_children(instance_id)]
            for wait in awaited:
                needed += await self._to_be_run(wait.instance_id)
            for record in needed:
                to_do.append(record.instance_id)
                if record.idle:
                    self._idle[record.instance_id] = ()

    async def _to_be_run(self, instance_id: str) -> list[InstanceRecord]:
        """An instance that is awaited and no child, if it is live, new to us, and can run here."""
        with contextlib.suppress(InstanceNotFoundError):
            record = await self._client.connection.record(instance_id)
            known = self._registry.orchestrator(record.name, record.version) is not None
            if known and record.status in _LIVE and instance_id not in self._awaited:
                self._awaited.add(instance_id)
                return [record]
        return []

    async def _live_children(self, instance_id: str) -> AsyncIterator[InstanceRecord]:
        query = InstanceQuery(parent_id=instance_id, status=_LIVE, internal=True)
        while True:
            page = await self._client.connection.page(query)
            for record in page.records:
                yield record
            if page.next is None:
                return
            query = attrs.evolve(query, after=page.next)

    async def _until_ended(self, id: str) -> None:
        assert self._dead_end is not None
        ended = asyncio.ensure_future(self._client.connection.ended(id, stuck=self._stuck))
        try:
            self._look_for_deadlock()
            await asyncio.wait((ended, self._dead_end), return_when=asyncio.FIRST_COMPLETED)
            if self._dead_end.done():
                self._dead_end.result()
            await ended
        finally:
            ended.cancel()
            if self._looking is not None:
                self._looking.cancel()

    # ---- what stands in its way ------------------------------------------------------------

    def _observe(self, step: Step) -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._see, step)

    def _see(self, step: Step) -> None:
        self._narrator.observe(step)
        match step:
            case EpisodeEnded(result=Blocked(reason=reason, message=message)):
                fits = reason not in ("mismatch", "missing_class")
                self._give_up(DurableError(message) if fits else NonDeterminismError(message))
            case EpisodeEnded(instance_id, Outcome(idle=False, events=events)):
                self._idle.pop(instance_id, None)
                self._admit(events)
                self._look_for_deadlock()
            case DefinitionMissing():
                self._give_up(missing_definition(step))
            case InstanceIdle(instance_id, tasks):
                self._idle[instance_id] = tasks
                self._look_for_deadlock()
            case _:
                pass

    def _admit(self, events: Sequence[HistoryEvent]) -> None:
        """Run what is awaited from now on, though it is no child."""
        for event in events:
            if isinstance(event, InstanceAwaited) and event.instance_id not in self._awaited:
                self._awaited.add(event.instance_id)
                assert self._service is not None, "it has told of an episode"
                self._service.admit(event.instance_id)

    def _look_for_deadlock(self) -> None:
        """In a task of its own: histories are read for it."""
        self._look_again = bool(self._idle)
        if self._idle and (self._looking is None or self._looking.done()):
            self._looking = asyncio.ensure_future(self._find_deadlock())

    async def _find_deadlock(self) -> None:
        assert self._id is not None
        while self._look_again:  # what came meanwhile is looked at, too
            self._look_again = False
            with contextlib.suppress(DurableError):  # one is gone, or cannot be read
                stuck = await self._stuck_below(self._id)
                if stuck is not None:
                    self._give_up(_deadlock(stuck, self._idle.get(stuck, ())))

    async def _stuck_below(self, instance_id: str) -> str | None:
        """Which instance, that it waits for directly or not, keeps it from ever going on."""
        if instance_id in self._idle:
            return instance_id
        awaited = awaited_by(await self._client.connection.history(instance_id))
        found = [await self._stuck_below(each) for each in awaited.instances]
        return found[0] if found and None not in found and not awaited.others else None

    def _stuck(self, record: InstanceRecord) -> None:
        if record.status is not RuntimeStatus.BLOCKED:
            self._give_up(_deadlock(record.instance_id, self._idle.get(record.instance_id, ())))
        elif record.blocked is not None and record.blocked.startswith("damaged"):
            self._give_up(StoreError(record.blocked))
        # Blocked by its code: it is tried again here, once.

    def _give_up(self, error: DurableError) -> None:
        if self._dead_end is not None and not self._dead_end.done():
            self._dead_end.set_exception(error)


def _deadlock(instance_id: str, tasks: Sequence[tuple[str, str]]) -> DeadlockError:
    return DeadlockError(
        f"instance {instance_id!r} waits for nothing: no activity, timer or event that could come "
        f"would wake it. Its tasks wait for one another: {describe_tasks(tasks)}"
    )


def default_id(call: Coroutine[Any, Any, Any], converter: Converter) -> str:
    """The id that `run` gives a call: its name, and a fingerprint of its arguments.

    Other arguments must never find this instance, so a checksum would not do.
    """
    if not isinstance(call, OrchestratorCall):
        raise TypeError(
            f"da.run takes the call of an orchestrator, like checkout('o-1'), not {call!r}"
        )
    arguments, _ = call.encode(converter)
    name = call.orchestrator.name[:_NAME_IN_ID]
    return f"{name}-{hashlib.blake2b(arguments.data, digest_size=8).hexdigest()}"


def _write(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _keep_quiet(line: str) -> None:
    """Nobody watches."""
