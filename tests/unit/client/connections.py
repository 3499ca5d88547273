"""A store that a test plays itself: what clients ask is noted, and what it answers is set."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs

from durable_async.client.handle import Handle
from durable_async.convert.values import Converter
from durable_async.errors import InstanceNotFoundError
from durable_async.model.history import HistoryEvent
from durable_async.model.identity import EntityId
from durable_async.model.payload import Payload
from durable_async.model.status import RuntimeStatus
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

START = datetime(2026, 1, 1, tzinfo=UTC)


def a_record(**changes: Any) -> InstanceRecord:
    fields: dict[str, Any] = {
        "instance_id": "a",
        "execution_id": "e",
        "name": "flow",
        "version": None,
        "status": RuntimeStatus.RUNNING,
        "custom_status": None,
        "input": Payload(b"[]"),
        "output": None,
        "failure": None,
        "created_at": START,
        "updated_at": START,
        "completed_at": None,
        "parent_id": None,
        "tags": {},
        "history_length": 1,
        "idle": False,
        "blocked": None,
    }
    return InstanceRecord(**{**fields, **changes})


@attrs.define
class FakeConnection:
    """sent: what it takes a message for; raises, or says how many it reached. answers: by name of
    the request, once it is set. pages: of `page`, one after the other."""

    records: dict[str, InstanceRecord] = attrs.field(factory=dict)
    histories: dict[str, tuple[HistoryEvent, ...]] = attrs.field(factory=dict)
    messages: list[Message] = attrs.field(factory=list)
    creations: list[CreateInstance] = attrs.field(factory=list)
    queries: list[InstanceQuery] = attrs.field(factory=list)
    pages: list[Page] = attrs.field(factory=list)
    entities_asked: list[EntityId] = attrs.field(factory=list)
    entity_error: Exception | None = None
    on_send: Callable[[Message], int] = lambda _: 1
    on_create: Callable[[CreateInstance], None] = lambda _: None
    answer: asyncio.Future[Answer] = attrs.field(
        factory=lambda: asyncio.get_running_loop().create_future()
    )

    async def create(self, request: CreateInstance) -> Created:
        self.creations.append(request)
        self.on_create(request)
        return Created(
            instance_id=request.instance_id, execution_id=request.execution_id, fresh=True
        )

    async def send(self, message: Message) -> int:
        self.messages.append(message)
        return self.on_send(message)

    async def record(self, instance_id: str) -> InstanceRecord:
        try:
            return self.records[instance_id]
        except KeyError:
            raise InstanceNotFoundError(f"no {instance_id!r}") from None

    async def ended(
        self, instance_id: str, *, stuck: Callable[[InstanceRecord], None] | None = None
    ) -> InstanceRecord:
        return await self.record(instance_id)

    async def end(
        self, instance_id: str, *, stuck: Callable[[InstanceRecord], None] | None = None
    ) -> InstanceEnd:
        return InstanceEnd.of(await self.ended(instance_id, stuck=stuck))

    async def history(self, instance_id: str) -> tuple[HistoryEvent, ...]:
        try:
            return self.histories[instance_id]
        except KeyError:
            raise InstanceNotFoundError(f"no {instance_id!r}") from None

    async def inbox(self, instance_id: str) -> tuple[HistoryEvent, ...]:
        return ()

    async def page(self, query: InstanceQuery) -> Page:
        self.queries.append(query)
        return self.pages.pop(0)

    async def count(self, query: InstanceQuery) -> int:
        self.queries.append(query)
        return len(self.records)

    async def now(self) -> datetime:
        return START

    async def answered(self, instance_id: str, request_id: str) -> Answer:
        return await self.answer

    async def entity(self, entity: EntityId) -> EntityRecord | None:
        self.entities_asked.append(entity)
        if self.entity_error is not None:
            raise self.entity_error
        return None

    async def entities(self, query: EntityQuery) -> EntityPage:
        return EntityPage((), more=False)


def handle_on(connection: FakeConnection, id: str = "a") -> Handle[Any]:
    converter = Converter()
    results = converter.value(Any, what="the result")
    return Handle(id, results.decode, connection=lambda: connection, converter=converter)
