"""Workers on a store in memory, on the test's own loop. Invariant: turns run between the steps of
the test's tasks, and nothing here is told of time but by `clock`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

import attrs

from durable_async.client.client import Client
from durable_async.client.handle import Handle
from durable_async.convert.values import Converter
from durable_async.dsl.registry import Registry
from durable_async.engines.memory import MemoryEngine
from durable_async.engines.turns import Turns
from durable_async.errors import DurableError
from durable_async.model.history import HistoryEvent
from durable_async.model.work import ActivityReport, Batch, EpisodeCommit, Receipt
from durable_async.worker.service import WorkerService
from durable_async.worker.settings import Settings

R = TypeVar("R")


class MovedClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


class WatchedEngine(MemoryEngine):
    """Keeps what was committed; `faults` are raised instead of the next commits."""

    def __init__(self, clock: MovedClock) -> None:
        super().__init__(clock)
        self.clock = clock
        self.batches: list[Batch] = []
        self.receipts: list[Receipt] = []
        self.faults: list[Exception] = []
        self.cannot_store: Callable[[object], bool] = lambda part: False
        self.refuses: Callable[[ActivityReport], DurableError | None] = lambda report: None

    def commit(self, batch: Batch, /) -> Receipt:
        if self.faults and batch.session is not None:
            raise self.faults.pop(0)
        for part in (*batch.episodes, *batch.reports, *batch.heartbeats, *batch.entities):
            if self.cannot_store(part):
                raise OverflowError("too large for the store")
        refusals = [self.refuses(report) for report in batch.reports]
        taken = zip(batch.reports, refusals, strict=True)
        reports = tuple([report for report, refusal in taken if refusal is None])
        receipt = super().commit(attrs.evolve(batch, reports=reports))
        answers = iter(receipt.reports)
        receipt = attrs.evolve(
            receipt, reports=tuple([refusal or next(answers) for refusal in refusals])
        )
        self.batches.append(batch)
        self.receipts.append(receipt)
        return receipt

    def let_leases_end(self) -> None:
        """As when all processes have stood still for longer than their leases."""
        self.clock.move(60)
        super().commit(Batch())

    def episodes(self) -> list[EpisodeCommit]:
        return [each for batch in self.batches for each in batch.episodes]


class _Opened:
    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def __aenter__(self) -> Turns:
        return self._turns

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class PlantClient(Client):
    """As `durable_async.app.Client`, but for a Turns that the test drives."""

    def __init__(self, turns: Turns) -> None:
        super().__init__(lambda: _Opened(turns), converter=Converter(), name="plant")


class Plant:
    """`async with Plant() as plant:` runs turns whenever there is something to do."""

    def __init__(self) -> None:
        self.clock = MovedClock()
        self.engine = WatchedEngine(self.clock)
        self._loop = asyncio.get_running_loop()
        self._bell = asyncio.Event()
        self.turns = Turns(self.engine, wake=self._ring)
        self.client = PlantClient(self.turns)
        self._services: list[WorkerService] = []
        self._pump: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._pump = asyncio.create_task(self._run_turns())
        await self.client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for service in self._services:
            hurry = asyncio.Event()
            hurry.set()
            await service.stop(hurry=hurry)
        assert self._pump is not None
        self._pump.cancel()
        await asyncio.wait([self._pump])
        self.turns.close()

    async def work(self, *functions: object, **settings: Any) -> WorkerService:
        """Start a worker."""
        service = WorkerService(self.client, Registry.of(functions), Settings(**settings))
        await service.start()
        self._services.append(service)
        return service

    async def stop(self, service: WorkerService, *, hurry: bool = False) -> None:
        self._services.remove(service)
        event = asyncio.Event()
        if hurry:
            event.set()
        await service.stop(hurry=event)

    async def start(self, call: Coroutine[Any, Any, R], id: str = "order-1") -> Handle[R]:
        return await self.client.start(call, id=id)

    async def result(self, call: Coroutine[Any, Any, R], id: str = "order-1") -> R:
        return await (await self.start(call, id)).result()

    async def history(self, id: str = "order-1") -> tuple[HistoryEvent, ...]:
        return await self.turns.history(id)

    async def quiet(self) -> None:
        """Until nothing is left to do now; bodies of activities that wait may still run."""
        rounds = 0
        while rounds < 20:
            await asyncio.sleep(0)
            rounds = 0 if self._bell.is_set() else rounds + 1

    async def move(self, seconds: float) -> None:
        """Time passes, and what it makes due is done. A second at a time: leases are kept."""
        while seconds > 0:
            self.clock.move(min(seconds, 1))
            seconds -= 1
            self._ring()
            await self.quiet()

    async def until_done(self, waiting: asyncio.Future[Any]) -> None:
        """Where commits fail, drivers rest, by the real clock."""
        while not waiting.done():
            self._ring()
            await asyncio.sleep(0.001)

    def _ring(self) -> None:
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is self._loop:
            self._bell.set()
        else:
            self._loop.call_soon_threadsafe(self._bell.set)

    async def _run_turns(self) -> None:
        while True:
            pause = self.turns.run_turn()
            if pause == 0:
                await asyncio.sleep(0)
                continue
            await self._bell.wait()
            self._bell.clear()
