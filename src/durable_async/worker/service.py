"""A worker between its start and its end. Invariant: when `stop` has returned, nothing of this
worker runs in a turn any more, and all that it held has been given back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Protocol

from durable_async.convert.values import Converter
from durable_async.dsl.registry import Registry
from durable_async.errors import StoreError
from durable_async.ports import Connection, Host
from durable_async.worker.activities import Activities
from durable_async.worker.driver import Stage, WorkerDriver
from durable_async.worker.limits import ANSWER_TIME, HURRIED_ANSWER_TIME
from durable_async.worker.notices import Notices
from durable_async.worker.parts import Parts, assemble
from durable_async.worker.replays import ReplayFilter
from durable_async.worker.settings import Settings
from durable_async.worker.surveys import survey

__all__ = ["Service", "WorkerClient", "WorkerService"]

_logger: Final = logging.getLogger("durable_async.worker")


class WorkerClient(Protocol):
    """An open client, as a worker needs it. The properties raise RuntimeError if it is not open."""

    @property
    def host(self) -> Host: ...
    @property
    def connection(self) -> Connection: ...
    @property
    def converter(self) -> Converter: ...


class Service(Protocol):
    """What does the work of a worker: started once, and stopped once."""

    async def start(self) -> None: ...
    async def stop(self, *, hurry: asyncio.Event | None = None) -> None:
        """hurry: when set, nothing is waited for."""
        ...


class WorkerService:
    """One run of a worker: `start` it once, `stop` it once, on one event loop."""

    def __init__(self, client: WorkerClient, registry: Registry, settings: Settings) -> None:
        self._client = client
        self._registry = registry
        self._settings = settings
        self._host = client.host
        self._notices = Notices()
        self._replays = ReplayFilter()
        self._drained = asyncio.Event()
        self._driver: WorkerDriver | None = None
        self._activities: Activities | None = None
        self._parts: Parts | None = None
        self._survey: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises: StoreError if the store has no session for it."""
        settings = self._settings
        session = await self._host.open_session(settings.identity)
        self._parts = parts = assemble(
            session,
            self._registry,
            self._client.converter,
            settings,
            self._notices,
            wake=self._host.wake,
        )
        self._activities, self._driver = parts.activities, parts.driver
        self._replays.put_on()
        self._host.attach(self._driver)
        if settings.only is None:
            self._survey = asyncio.create_task(
                survey(self._client.connection, self._registry, self._notices)
            )
        _logger.info("worker %s takes on work", settings.identity)

    def admit(self, instance_id: str) -> None:
        """Take on this instance, too, though `only` of its settings does not name it."""
        if self._driver is not None:
            self._driver.admit(instance_id)
            self._host.wake()

    async def stop(self, *, hurry: asyncio.Event | None = None) -> None:
        """Claim nothing more, let what runs end, and hand back what has not ended in time.

        hurry: when set, nothing is waited for. A cancellation of the caller is the same.
        """
        if self._driver is None or self._activities is None:
            return
        if self._survey is not None:
            self._survey.cancel()
        try:
            await self._end(self._driver, self._activities, hurry)
        finally:
            self._replays.take_off()
            if self._parts is not None:
                self._parts.close()

    async def _end(
        self, driver: WorkerDriver, activities: Activities, hurry: asyncio.Event | None
    ) -> None:
        if self._client_has_gone():
            # Whatever this worker held was given back when its client closed.
            activities.stop_all()
            activities.close()
            return
        loop = asyncio.get_running_loop()
        driver.drain(lambda: _tell(loop, self._drained.set))
        self._host.wake()
        _logger.info("worker %s claims nothing more", self._settings.identity)
        try:
            await self._wait(self._settings.drain_timeout, hurry)
            if not self._drained.is_set():
                in_a_hurry = hurry is not None and hurry.is_set()
                if activities.busy:
                    _logger.warning(
                        "worker %s hands back the activities that still run",
                        self._settings.identity,
                    )
                await self._hand_back(driver, HURRIED_ANSWER_TIME if in_a_hurry else ANSWER_TIME)
        finally:
            await asyncio.shield(self._leave(driver))
            activities.close()

    def _client_has_gone(self) -> bool:
        try:
            return self._client.host is not self._host
        except RuntimeError:
            return True

    async def _hand_back(self, driver: WorkerDriver, patience: float) -> None:
        for stage in (Stage.STOPPING, Stage.HANDING_BACK):
            driver.go_to(stage)
            self._host.wake()
            await self._wait(patience, None)
            if self._drained.is_set():
                return

    async def _wait(self, seconds: float, hurry: asyncio.Event | None) -> None:
        """Until drained, but not longer than this, nor when there is a hurry."""
        events = [self._drained] if hurry is None else [self._drained, hurry]
        waits = [asyncio.ensure_future(event.wait()) for event in events]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _leave(self, driver: WorkerDriver) -> None:
        driver.go_to(Stage.HANDING_BACK)
        try:
            await self._host.detach(driver)
        except StoreError as error:
            _logger.warning(
                "worker %s could not give back what it held, which ends with its lease: %s",
                self._settings.identity,
                error,
            )
        else:
            _logger.info("worker %s has stopped", self._settings.identity)


def _tell(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(function)
    except RuntimeError:  # the loop is closed, and with it whoever waited
        return
