"""Where clients and workers ask. Invariant: what is asked stands in the queue until a turn takes
it, or is refused; nothing is asked after the desk was closed.

Everything in here may be called from any thread, and does nothing but ask.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

from durable_async.engines.requests import (
    Answers,
    Asking,
    Attaching,
    Creation,
    Detaching,
    Forgetting,
    Reading,
    Request,
    Sending,
    Watching,
    refusal_of,
)
from durable_async.engines.watchers import not_found
from durable_async.errors import StoreError
from durable_async.model.history import HistoryEvent
from durable_async.model.identity import EntityId
from durable_async.model.work import (
    Answer,
    Created,
    CreateInstance,
    EntityPage,
    EntityQuery,
    EntityRecord,
    InstanceEnd,
    InstanceQuery,
    InstanceRecord,
    Message,
    Page,
)
from durable_async.ports import Driver, Engine

__all__ = ["Desk"]

T = TypeVar("T")

REQUESTS_A_TURN: Final = 2_000
"""So that a flood of starts does not keep running instances from their turn."""


class Desk:
    """Keeps the rules of `ports.Connection` and `ports.Host`. wake: called when something was
    asked."""

    def __init__(self, *, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._queue: deque[Request] = deque()
        self._closed: StoreError | None = None

    # ---- Connection --------------------------------------------------------------------------

    async def create(self, request: CreateInstance) -> Created:
        answer: asyncio.Future[Created] = asyncio.get_running_loop().create_future()
        self._ask(Creation(request, answer))
        return await answer

    async def send(self, message: Message) -> int:
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._ask(Sending(message, answer))
        return await answer

    async def record(self, instance_id: str) -> InstanceRecord:
        def read(engine: Engine) -> InstanceRecord:
            (record,) = engine.records((instance_id,))
            if record is None:
                raise not_found(instance_id)
            return record

        return await self._read(read)

    async def ended(
        self, instance_id: str, *, stuck: Callable[[InstanceRecord], None] | None = None
    ) -> InstanceRecord:
        answer: asyncio.Future[InstanceRecord] = asyncio.get_running_loop().create_future()
        return await self._wait(Watching(instance_id, stuck, answer), answer)

    async def end(
        self, instance_id: str, *, stuck: Callable[[InstanceRecord], None] | None = None
    ) -> InstanceEnd:
        answer: asyncio.Future[InstanceEnd] = asyncio.get_running_loop().create_future()
        return await self._wait(Watching(instance_id, stuck, answer, whole=False), answer)

    async def answered(self, instance_id: str, request_id: str) -> Answer:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        return await self._wait(Asking(instance_id, request_id, answer), answer)

    async def history(self, instance_id: str) -> tuple[HistoryEvent, ...]:
        return await self._read(lambda engine: engine.history(instance_id))

    async def inbox(self, instance_id: str) -> tuple[HistoryEvent, ...]:
        return await self._read(lambda engine: engine.inbox(instance_id))

    async def page(self, query: InstanceQuery) -> Page:
        return await self._read(lambda engine: engine.page(query))

    async def count(self, query: InstanceQuery) -> int:
        return await self._read(lambda engine: engine.count(query))

    async def entity(self, entity: EntityId) -> EntityRecord | None:
        return await self._read(lambda engine: engine.entity(entity))

    async def entities(self, query: EntityQuery) -> EntityPage:
        return await self._read(lambda engine: engine.entities(query))

    async def now(self) -> datetime:
        return await self._read(lambda engine: engine.now())

    # ---- Host --------------------------------------------------------------------------------

    async def open_session(self, identity: str) -> str:
        return await self._read(lambda engine: engine.open_session(identity))

    def attach(self, driver: Driver) -> None:
        self._ask(Attaching(driver))

    async def detach(self, driver: Driver) -> None:
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ask(Detaching(driver, answer))
        await answer

    def wake(self) -> None:
        self._wake()

    async def _read(self, read: Callable[[Engine], T]) -> T:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._ask(Reading(read, answer))
        return await answer

    async def _wait(self, waiting: Watching | Asking, answer: asyncio.Future[T]) -> T:
        self._ask(waiting)
        try:
            return await answer
        except asyncio.CancelledError:
            if self._closed is None:
                self._ask(Forgetting(waiting))
            raise

    def _ask(self, request: Request) -> None:
        self._queue.append(request)
        self._wake()
        if self._closed is not None:
            # Looked at after the append: either `close` finds the request, or this does.
            self._refuse_queue(self._closed)

    # ---- what was asked ----------------------------------------------------------------------

    @property
    def is_asked(self) -> bool:
        return bool(self._queue)

    def take(self) -> list[Request]:
        """What a turn is to do, in the order in which it was asked."""
        queue = self._queue
        return [queue.popleft() for _ in range(min(len(queue), REQUESTS_A_TURN))]

    def shut(self, error: StoreError) -> None:
        """Refuse whatever is asked from now on."""
        self._closed = error

    def _refuse_queue(self, error: StoreError) -> None:
        answers = Answers()
        while True:
            try:
                request = self._queue.popleft()
            except IndexError:  # also when two threads refuse at once
                break
            if isinstance(request, Detaching):  # it held nothing that `close` has not given back
                answers.give(request.answer, None)
            elif not isinstance(request, Attaching | Forgetting):
                answers.refuse(request.answer, refusal_of(error))
        answers.deliver()
