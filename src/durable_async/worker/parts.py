"""What a worker consists of. Invariant: a worker is put together here and nowhere else, whether it
serves an application or a test.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable

import attrs

from durable_async.convert.values import Converter
from durable_async.dsl.registry import Registry
from durable_async.worker.activities import Activities
from durable_async.worker.driver import WorkerDriver
from durable_async.worker.entities import Entities
from durable_async.worker.guard import guard_for
from durable_async.worker.notices import Notices
from durable_async.worker.orchestrations import Orchestrations
from durable_async.worker.oversight import Oversight
from durable_async.worker.settings import Settings
from durable_async.worker.watchdog import Watchdog

__all__ = ["Parts", "assemble"]


@attrs.frozen
class Parts:
    activities: Activities
    orchestrations: Orchestrations
    entities: Entities
    driver: WorkerDriver
    watchdog: Watchdog

    def close(self) -> None:
        """Nothing begins any more. Does not wait for what lingers. From any thread."""
        self.activities.close()
        self.watchdog.close()


def assemble(
    session: str,
    registry: Registry,
    converter: Converter,
    settings: Settings,
    notices: Notices,
    *,
    wake: Callable[[], None],
) -> Parts:
    """A worker whose async activities run on the running loop, in a copy of this context.

    session: of the store. wake: tells the host that the driver has work; called from any thread.
    Raises: RuntimeError if the guard cannot be put in.
    """
    watchdog = Watchdog()
    oversight = Oversight(guard_for(settings.guard), watchdog)
    activities = Activities(
        registry,
        converter,
        max_activities=settings.max_activities,
        wake=wake,
        loop=asyncio.get_running_loop(),
        context=contextvars.copy_context(),
        owner=asyncio.current_task(),
        begun_on_loop=watchdog.stir,
    )
    watchdog.start(activities)
    orchestrations = Orchestrations(
        registry,
        converter,
        cache=settings.cache,
        learn=registry.learn if settings.learns else None,
        in_doubt=activities.ask_about,
        notices=notices,
        observer=settings.observer,
        strict=settings.strict,
        oversight=oversight,
    )
    entities = Entities(registry, converter, oversight)
    salt = settings.release + (session if settings.retries_blocked else "")
    driver = WorkerDriver(
        session,
        registry,
        activities,
        orchestrations,
        entities,
        queues=settings.queues,
        only=settings.only,
        salt=salt,
        codec=converter.codec,
        observer=settings.observer,
    )
    return Parts(activities, orchestrations, entities, driver, watchdog)
