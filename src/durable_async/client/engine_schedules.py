"""Schedules that an engine keeps itself. Invariant: the verbs mean what they mean elsewhere; where
an engine counts in a way of its own, that is said here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeGuard

from durable_async.client.schedules import (
    NEXT_TIMES,
    ScheduleClient,
    Schedules,
    ScheduleState,
    schedule_state,
    unknown_schedule,
)
from durable_async.dsl.schedules import ScheduleSpec, Standing
from durable_async.errors import InstanceNotFoundError

__all__ = ["EngineSchedules", "ScheduleHost", "ScheduleKeeper", "has_schedules"]


class ScheduleKeeper(Protocol):
    """What keeps schedules, and starts their runs. All but `keep` and `list` raise
    InstanceNotFoundError if there is no such schedule."""

    async def keep(self, spec: ScheduleSpec) -> None:
        """A new one. Raises InstanceAlreadyExistsError."""
        ...

    async def change(self, spec: ScheduleSpec) -> None:
        """It goes on as this says; it stays paused if it is."""
        ...

    async def pause(self, id: str, reason: str) -> None: ...
    async def resume(self, id: str) -> None: ...
    async def delete(self, id: str) -> None: ...
    async def get(self, id: str) -> Standing: ...
    def list(self, id_prefix: str) -> AsyncIterator[Standing]:
        """Newest first."""
        ...


class ScheduleHost(Protocol):
    @property
    def schedules(self) -> ScheduleKeeper: ...


def has_schedules(engine: object) -> TypeGuard[ScheduleHost]:
    """Whether it keeps them itself. Others run an instance for each."""
    return hasattr(type(engine), "schedules")


class EngineSchedules(Schedules):
    """As `Schedules`, but each is started by the engine, whether or not a worker runs.

    A run that `trigger` or `backfill` starts is one of the schedule's by its id and its tags; the
    engine does not count it, nor see it as live.
    """

    def __init__(self, client: ScheduleClient, keeper: ScheduleKeeper) -> None:
        super().__init__(client)
        self._keeper = keeper

    async def pause(self, id: str, reason: str = "") -> None:
        with _naming(id):
            await self._keeper.pause(id, reason)

    async def resume(self, id: str) -> None:
        with _naming(id):
            await self._keeper.resume(id)

    async def delete(self, id: str) -> None:
        with _naming(id):
            await self._keeper.delete(id)

    async def get(self, id: str) -> ScheduleState:
        with _naming(id):
            return _state_of(await self._keeper.get(id))

    async def list(self, *, id_prefix: str = "") -> AsyncIterator[ScheduleState]:
        async for standing in self._keeper.list(id_prefix):
            yield _state_of(standing)

    async def _keep(self, spec: ScheduleSpec) -> None:
        await self._keeper.keep(spec)

    async def _change(self, spec: ScheduleSpec) -> None:
        with _naming(spec.id):
            await self._keeper.change(spec)

    async def _spec(self, id: str) -> ScheduleSpec:
        with _naming(id):
            return (await self._keeper.get(id)).spec

    async def _note(self, id: str, run: str) -> None:
        """The engine starts its own runs only."""


@contextmanager
def _naming(id: str) -> Iterator[None]:
    try:
        yield
    except InstanceNotFoundError:
        raise unknown_schedule(id) from None


def _state_of(standing: Standing) -> ScheduleState:
    paused = standing.paused_because is not None
    return schedule_state(
        standing.spec,
        standing.dealt,
        paused=paused,
        because=standing.paused_because,
        next_times=() if paused else standing.next_times[:NEXT_TIMES],
        created_at=standing.created_at,
    )
