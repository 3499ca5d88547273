"""One instance that a script runs, wherever it is kept. Invariant: a run has an end: the outcome of
the instance, or the reason why it would never come to one.
"""

from __future__ import annotations

import abc
import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

import attrs

from durable_async.app.client import Client
from durable_async.app.ids import default_id
from durable_async.client.handle import Handle
from durable_async.dsl.calls import OrchestratorCall
from durable_async.dsl.registry import Registry
from durable_async.errors import (
    DeadlockError,
    DurableError,
    InstanceAlreadyExistsError,
    NonDeterminismError,
)
from durable_async.model.history import HistoryEvent
from durable_async.model.outcome import Blocked, Outcome
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import InstanceRecord
from durable_async.ports import Codec
from durable_async.worker.dependence import awaited_by
from durable_async.worker.guard import GuardMode
from durable_async.worker.narration import Narrator
from durable_async.worker.notices import describe_tasks
from durable_async.worker.progress import DefinitionMissing, EpisodeEnded, InstanceIdle, Step
from durable_async.worker.rehearsal import missing_definition
from durable_async.worker.service import Service

__all__ = ["LAST_ACTIVITIES", "OneInstance", "Place", "blocked_error"]

_logger: Final = logging.getLogger("durable_async.app")

LAST_ACTIVITIES: Final = 5.0
"""Seconds that activities which `run` no longer needs have to see their cancellation."""


@attrs.frozen(kw_only=True)
class Place:
    """Where the instance is kept; see `Client`."""

    url: str
    namespace: str
    codec: Codec | None


class OneInstance(abc.ABC):
    """One call of `run`. id: None for the default one. write: takes a line for people."""

    def __init__(
        self,
        call: Coroutine[Any, Any, Any],
        id: str | None,
        place: Place,
        *,
        write: Callable[[str], None],
        guard: GuardMode,
    ) -> None:
        self._call = call
        self._given_id = id
        self._id: str | None = None
        self._url = place.url
        self._guard = guard
        self._client = self._new_client(place)
        self._write = write
        self._narrator = Narrator(write, self._client.converter)
        self._registry = Registry()
        self._idle: dict[str, tuple[tuple[str, str], ...]] = {}  # and what their tasks wait for
        self._looking: asyncio.Task[None] | None = None
        self._look_again = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._dead_end: asyncio.Future[Any] | None = None

    # ---- what the kinds differ in ------------------------------------------------------------

    def _new_client(self, place: Place) -> Client:
        return Client(place.url, namespace=place.namespace, codec=place.codec)

    @abc.abstractmethod
    async def _work(self, handle: Handle[Any]) -> None:
        """Until the instance has ended, or cannot end."""

    @abc.abstractmethod
    def _stuck(self, record: InstanceRecord) -> None:
        """The engine says that it is held up."""

    @abc.abstractmethod
    def _awaits(self, events: Sequence[HistoryEvent]) -> None:
        """What an episode has recorded may await other instances."""

    # ------------------------------------------------------------------------------------------

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
                self._narrator = Narrator(self._write, self._client.converter, handle.id)
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

    async def _serve(self, service: Service, id: str) -> None:
        """Until the instance has ended, or cannot end."""
        await service.start()
        hurry = asyncio.Event()
        try:
            await self._until_ended(id)
        except BaseException:
            hurry.set()
            raise
        finally:
            self._stop_looking()
            await service.stop(hurry=hurry)

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

    def _stop_looking(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    # ---- what stands in its way --------------------------------------------------------------

    def _observe(self, step: Step) -> None:
        """From any thread."""
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._see, step)

    def _see(self, step: Step) -> None:
        self._narrator.observe(step)
        match step:
            case EpisodeEnded(result=Blocked() as blocked):
                self._give_up(blocked_error(blocked))
            case EpisodeEnded(instance_id, Outcome(idle=False, events=events)):
                self._idle.pop(instance_id, None)
                self._awaits(events)
                self._look_for_deadlock()
            case DefinitionMissing():
                self._give_up(missing_definition(step))
            case InstanceIdle(instance_id, tasks):
                self._idle[instance_id] = tasks
                self._look_for_deadlock()
            case _:
                pass

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
                    self._give_up(self._deadlock(stuck))

    async def _stuck_below(self, instance_id: str) -> str | None:
        """Which instance, that it waits for directly or not, keeps it from ever going on."""
        if instance_id in self._idle:
            return instance_id
        awaited = awaited_by(await self._client.connection.history(instance_id))
        found = [await self._stuck_below(each) for each in awaited.instances]
        return found[0] if found and None not in found and not awaited.others else None

    def _deadlock(self, instance_id: str) -> DeadlockError:
        tasks = describe_tasks(self._idle.get(instance_id, ()))
        return DeadlockError(
            f"instance {instance_id!r} waits for nothing: no activity, timer or event that could "
            f"come would wake it. Its tasks wait for one another: {tasks}"
        )

    def _give_up(self, error: DurableError) -> None:
        if self._dead_end is not None and not self._dead_end.done():
            self._dead_end.set_exception(error)


def blocked_error(blocked: Blocked) -> DurableError:
    """What `run` raises of an instance that cannot go on."""
    fits = blocked.reason not in ("mismatch", "missing_class")
    return DurableError(blocked.message) if fits else NonDeterminismError(blocked.message)
