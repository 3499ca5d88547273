"""Starts instances, and finds them again. Invariant: when a method returns, what it asked for is
durable; when it raises, nothing of it was done, unless a StoreError says that this is unknown.

The class here knows an engine only as a `Connection`, and is given the way to open one.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeVar, overload

import attrs

from durable_async.client.entities import EntityClient
from durable_async.client.handle import Handle
from durable_async.client.purging import purged
from durable_async.client.queries import Statuses, query_of
from durable_async.client.states import state_of
from durable_async.convert.texts import checked_id, checked_tags, in_utc
from durable_async.convert.values import Converter
from durable_async.dsl.calls import OrchestratorCall, said_once
from durable_async.dsl.context import refuse_in_operation, running
from durable_async.dsl.instances import orchestrator_call
from durable_async.errors import NotDurableError
from durable_async.lines import place_of, user_place
from durable_async.model.options import DEFAULT_QUEUE
from durable_async.model.payload import Payload
from durable_async.model.status import InstanceState
from durable_async.model.work import CreateInstance, IfExists, InstanceQuery
from durable_async.ports import Connection, Host

if TYPE_CHECKING:
    from typing_extensions import TypeForm

    from durable_async.client.schedules import Schedules

__all__ = ["Client", "OpenEngine"]

R = TypeVar("R")
T = TypeVar("T")

_logger = logging.getLogger("durable_async.client")

PAGE_SIZE: Final = 100


class OpenEngine(Connection, Host, Protocol):
    """An open engine, to clients and to workers."""


class Client(EntityClient):
    """Use it as `async with client:`; it may be opened again after it was closed.

    connect: makes the context that opens the engine. name: for people, e.g. the URL.
    """

    def __init__(
        self,
        connect: Callable[[], AbstractAsyncContextManager[OpenEngine]],
        *,
        converter: Converter,
        name: str,
    ) -> None:
        self._connect = connect
        self._converter = converter
        self._name = name
        self._context: AbstractAsyncContextManager[OpenEngine] | None = None
        self._opened: OpenEngine | None = None
        self._process = 0  # where it is open

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._name!r})"

    async def __aenter__(self) -> Self:
        _refuse_inside_orchestrator()
        if self._context is not None:
            raise RuntimeError(
                f"{self!r} is open already. Share it, or make another Client for the same store"
            )
        self._context = self._connect()
        self._process = os.getpid()
        try:
            self._opened = await self._context.__aenter__()
        except BaseException:
            self._context = None
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        context, self._context, self._opened = self._context, None, None
        if context is not None:
            await context.__aexit__(kind, error, traceback)

    @property
    def converter(self) -> Converter:
        """How values become payloads here; workers and handles of this client use it too."""
        return self._converter

    @property
    def schedules(self) -> Schedules:
        """Start orchestrators whenever it is time: `await client.schedules.create(...)`."""
        # Here, as most programs have none: time zones take a while to be imported.
        from durable_async.client.engine_schedules import EngineSchedules, has_schedules
        from durable_async.client.schedules import Schedules

        engine: object = self._opened
        return EngineSchedules(self, engine.schedules) if has_schedules(engine) else Schedules(self)

    @property
    def connection(self) -> Connection:
        """The open engine, as clients see it. Raises: RuntimeError if the client is not open, or
        was opened before a fork; NotDurableError inside an orchestrator."""
        return self._engine()

    @property
    def host(self) -> Host:
        """The open engine, as workers see it. Raises as `connection` does."""
        return self._engine()

    def _engine(self) -> OpenEngine:
        _refuse_inside_orchestrator()
        if self._opened is None:
            raise RuntimeError(f"{self!r} is not open: write `async with` it around its use")
        if os.getpid() != self._process:  # a fork takes no thread along: nobody would answer
            raise RuntimeError(
                f"{self!r} was opened in process {self._process}, and this is {os.getpid()}, which "
                "was forked from it: open a Client of its own here, after the fork"
            )
        return self._opened

    # ---- starting ----------------------------------------------------------------------------

    async def start(
        self,
        call: Coroutine[Any, Any, R],
        *,
        id: str | None = None,
        start_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        if_exists: IfExists = "raise",
    ) -> Handle[R]:
        """Start a durable instance; when this returns, it will run, whatever happens.

        call: an orchestrator called with its arguments, and not awaited: `checkout("o-1")`. It may
        be used again. id: 1 to 255 characters; made up if None. start_at: not before (aware).
        tags: to find it again, see `list`. if_exists: "raise" if there is an instance of this id,
        live or ended; "attach" to it if its orchestrator has the same name, and ignore the rest;
        "replace" it if it has ended.
        Raises: InstanceAlreadyExistsError; SerializationError if an argument does not fit its
        type hint; TypeError if `call` is no call of an orchestrator; ValueError for an id, a
        time or a tag that cannot be.
        Records: ExecutionStarted.
        Known elsewhere as: Temporal's start_workflow, Azure's start_new.
        """
        called = orchestrator_call(call, "start")
        connection = self.connection
        request = self._creation(called, id=id, start_at=start_at, tags=tags, if_exists=if_exists)
        created = await connection.create(request)
        if not created.fresh:
            _logger.info(
                "attached to instance %r, which was there already; the arguments, the tags and "
                "the time that were given to start are not used",
                created.instance_id,
            )
        return self._handle(
            created.instance_id, called.orchestrator.results(self._converter).decode
        )

    def _creation(
        self,
        call: OrchestratorCall[Any],
        *,
        id: str | None,
        start_at: datetime | None,
        tags: Mapping[str, str] | None,
        if_exists: IfExists,
    ) -> CreateInstance:
        if if_exists not in ("raise", "attach", "replace"):
            raise ValueError(f'if_exists is "raise", "attach" or "replace", not {if_exists!r}')
        orchestrator = call.orchestrator
        named = said_once(orchestrator, "start", "id", orchestrator.id, id)
        arguments, _ = call.encode(self._converter)
        chance = os.urandom(32)  # both ids at once: it is a call of the system
        made_up = uuid.UUID(bytes=chance[16:], version=4)
        return CreateInstance(
            instance_id=str(made_up) if named is None else checked_id(named),
            execution_id=chance[:16].hex(),
            name=orchestrator.name,
            version=orchestrator.version,
            newest=orchestrator.newest,
            input=arguments,
            queue=orchestrator.queue or DEFAULT_QUEUE,
            tags=checked_tags(
                said_once(orchestrator, "start", "tags", orchestrator.tags or None, tags)
            ),
            start_at=None if start_at is None else in_utc(start_at, what="start_at"),
            if_exists=if_exists,
        )

    # ---- finding -----------------------------------------------------------------------------

    @overload
    def handle(self, id: str) -> Handle[Any]: ...
    @overload
    def handle(self, id: str, result_type: TypeForm[R]) -> Handle[R]: ...

    def handle(self, id: str, result_type: Any = Any) -> Handle[Any]:
        """A handle for an instance that may be anybody's. Asks nothing of the store.

        result_type: what `result` builds; `Any` gives plain JSON types (a tuple comes back as a
        list). Raises: ValueError if the id cannot be one.
        """
        results = self._converter.value(result_type, what="the result of the instance")
        return self._handle(checked_id(id), results.decode)

    def list(
        self,
        *,
        status: Statuses = None,
        name: str | None = None,
        id_prefix: str | None = None,
        tags: Mapping[str, str] | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        completed_before: datetime | None = None,
        parent_id: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[InstanceState]:
        """Instances that meet every condition given, newest first; read page by page.

        status: one, or any of several. name: the orchestrator's. tags: all of these.
        created_after, created_before, completed_before: exclusive, aware; one that has not ended
        was not completed before any time. parent_id: children of this one. limit: no more than
        these; None for all. An instance created while this runs may be left out. `pending` is
        empty here: ask `Handle.state` for it. Instances of the library's own orchestrators, such
        as schedules, are left out unless they are asked for by name.
        Raises: ValueError for a condition that cannot be; StoreError when it is read.
        Known elsewhere as: Azure's get_status_by, Temporal's list_workflows.
        """
        if limit is not None and not isinstance(limit, int):
            raise TypeError(f"limit must be a whole number, or None for all, not {limit!r}")
        if limit is not None and limit < 0:
            raise ValueError(f"limit is {limit}; it must not be negative. None lists all")
        query = query_of(
            status=status,
            name=name,
            id_prefix=id_prefix,
            tags=tags,
            created_after=created_after,
            created_before=created_before,
            completed_before=completed_before,
            parent_id=parent_id,
        )
        return self._pages(query, limit)

    async def count(
        self,
        *,
        status: Statuses = None,
        name: str | None = None,
        id_prefix: str | None = None,
        tags: Mapping[str, str] | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        completed_before: datetime | None = None,
        parent_id: str | None = None,
    ) -> int:
        """How many instances `list` would give under these conditions.

        Raises: ValueError for a condition that cannot be; StoreError.
        Known elsewhere as: Temporal's count_workflows.
        """
        query = query_of(
            status=status,
            name=name,
            id_prefix=id_prefix,
            tags=tags,
            created_after=created_after,
            created_before=created_before,
            completed_before=completed_before,
            parent_id=parent_id,
        )
        return await self.connection.count(query)

    # ---- removing ----------------------------------------------------------------------------

    async def purge(
        self,
        *,
        status: Statuses = None,
        completed_before: datetime | None = None,
        name: str | None = None,
        id_prefix: str | None = None,
        tags: Mapping[str, str] | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        parent_id: str | None = None,
    ) -> int:
        """Take ended instances that meet every condition out of the store, for good, with their
        ended descendants; how many went.

        Conditions: as of `list`; without any, all that have ended. A live instance is never
        taken, nor one that is started anew meanwhile. Many are purged batch by batch, while others
        work: when this is cancelled or fails, those of the batches before are gone, and doing it
        again goes on.
        Raises: ValueError for the status of a live instance, and for a condition that cannot be;
        StoreError.
        Known elsewhere as: Azure's purge_instance_history_by.
        """
        query = query_of(
            status=status,
            name=name,
            id_prefix=id_prefix,
            tags=tags,
            created_after=created_after,
            created_before=created_before,
            completed_before=completed_before,
            parent_id=parent_id,
        )
        return sum([count async for count in purged(self.connection, query)])

    async def _pages(self, query: InstanceQuery, limit: int | None) -> AsyncIterator[InstanceState]:
        left = limit
        while left is None or left > 0:
            size = PAGE_SIZE if left is None else min(left, PAGE_SIZE)
            page = await self.connection.page(attrs.evolve(query, limit=size))
            for record in page.records:
                yield state_of(record, self._converter)
            if page.next is None:
                return
            query = attrs.evolve(query, after=page.next)
            left = None if left is None else left - len(page.records)

    def _handle(self, instance_id: str, decode: Callable[[Payload], Any]) -> Handle[Any]:
        return Handle(
            instance_id,
            decode,
            connection=lambda: self.connection,
            converter=self._converter,
        )


def _refuse_inside_orchestrator() -> None:
    refuse_in_operation("a client is used")
    if running() is not None:
        raise NotDurableError(
            f"a client is used inside an orchestrator, at {place_of(user_place())}: each replay "
            "would do it again. Move it into an activity"
        )
