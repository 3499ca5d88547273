"""What users give their definitions to. Invariant: a worker at work has an end: it is left, or told
to stop, and then gives back what it holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from durable_async.convert.durations import Duration, seconds
from durable_async.convert.texts import check_text
from durable_async.dsl.builtins import built_in
from durable_async.dsl.registry import Registry
from durable_async.worker.guard import GuardMode, check_mode
from durable_async.worker.service import Service, WorkerClient, WorkerService
from durable_async.worker.settings import Settings, default_identity
from durable_async.worker.stopping import StopSignals

__all__ = ["Worker"]


class Worker:
    """Runs the orchestrators, activities and entities that it is given, for one store.

    client: an open `Client`; several workers may share one. functions: definitions, instances of
    classes with activity methods, or modules (every definition in their globals).
    max_activities: attempts that run here at the same time; each `def` activity takes a thread
    as well. A worker takes what it has room for: a lower number spreads the work over several.
    queues: whose instances and activities it takes. guard: what is forbidden inside an
    episode and an operation of an entity, where it raises NotDurableError: "audit", files,
    sockets, names that are looked up, processes, databases; "strict", for tests, also clocks,
    chance and the state of the process, by a profiler; "off", nothing. cache: how many waiting
    instances are kept in memory; others are rebuilt from history when something happens to them.
    identity: who it is, for people; host and process id by default. drain_timeout: how long
    running activities may take when it stops (seconds or a timedelta) before they are handed
    back.

    Use it as `async with Worker(...):`, or as a program with `await Worker(...).run()`.
    Raises: ValueError if two definitions have one name and version, naming both lines; TypeError
    or ValueError for settings that make no sense.
    Known elsewhere as: Temporal's Worker, Azure's task hub worker.
    """

    def __init__(
        self,
        client: WorkerClient,
        functions: Iterable[object],
        *,
        max_activities: int = 100,
        queues: Iterable[str] = ("default",),
        guard: GuardMode = "audit",
        cache: int = 10_000,
        identity: str | None = None,
        drain_timeout: Duration = 30,
    ) -> None:
        self._client = client
        self._registry = Registry.of(functions, builtins=built_in())
        self._settings = Settings(
            max_activities=_count("max_activities", max_activities, least=1),
            queues=_queues(queues),
            guard=check_mode(guard),
            cache=_count("cache", cache, least=0),
            identity=identity or default_identity(),
            drain_timeout=seconds(drain_timeout, what="drain_timeout"),
        )
        self._service: Service | None = None

    def __repr__(self) -> str:
        return f"Worker({self._settings.identity!r})"

    async def __aenter__(self) -> Self:
        """Raises: RuntimeError if the client is not open, or this worker is at work already;
        StoreError if the store has no session for it."""
        await self._start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        service, self._service = self._service, None
        if service is not None:
            await service.stop()

    async def run(self) -> None:
        """Work until SIGINT or SIGTERM (or until cancelled), then drain, and return.

        It claims nothing more, gives up its instances at once (another worker may go on with
        them), lets running activities end, and hands back those that take longer than
        `drain_timeout`. A second signal hands them back at once.
        Raises: as `async with` does.
        """
        with StopSignals() as signals:
            service = await self._start()
            try:
                await signals.asked.wait()
            finally:
                self._service = None
                await service.stop(hurry=signals.insisted)

    async def _start(self) -> Service:
        if self._service is not None:
            raise RuntimeError(f"{self!r} is at work already; make another Worker")
        self._service = service = self._new_service()
        try:
            await service.start()
        except BaseException:
            self._service = None
            raise
        return service

    def _new_service(self) -> Service:
        """What does the work of this worker."""
        return WorkerService(self._client, self._registry, self._settings)


def _count(what: str, value: int, *, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{what} must be a whole number, not {value!r}")
    if value < least:
        raise ValueError(f"{what} is {value}; it must be at least {least}")
    return value


def _queues(queues: Iterable[str]) -> frozenset[str]:
    if isinstance(queues, str):
        raise TypeError(f"queues must be several names, not {queues!r}: write ({queues!r},)")
    names = frozenset(queues)
    if not names:
        raise ValueError("queues must be names of queues, at least one, and there is none")
    for name in names:
        check_text(name, what="the name of a queue")
    return names
