"""A Temporal cluster, as clients see an open engine. Invariant: when a method returns, the cluster
has it; what the cluster cannot do, or what is not built here, is refused at the call.
"""

from __future__ import annotations

import contextlib
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn, Self, assert_never

import attrs
from temporalio.client import Client as TemporalClient
from temporalio.client import WorkflowExecutionDescription
from temporalio.common import RawValue, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from durable_async.convert.values import Converter
from durable_async.dsl.registry import Registry
from durable_async.dsl.schedules import SCHEDULE
from durable_async.engines import refusals
from durable_async.engines.temporal import signals
from durable_async.engines.temporal.address import Address
from durable_async.engines.temporal.connection import Connection
from durable_async.engines.temporal.entities.errands import errands_of, post
from durable_async.engines.temporal.entities.mail import Asked, Mail, signal_arguments
from durable_async.engines.temporal.entities.names import is_kept_id, kept_id
from durable_async.engines.temporal.entities.reading import EntityReading
from durable_async.engines.temporal.memos import memo_of, read_memo
from durable_async.engines.temporal.payloads import document, raw
from durable_async.engines.temporal.reading.asking import Asker
from durable_async.engines.temporal.reading.instances import InstanceReading
from durable_async.engines.temporal.rewinding import Rewinder
from durable_async.engines.temporal.schedules import KeptSchedules
from durable_async.engines.temporal.service import TemporalService
from durable_async.errors import (
    EngineLimitError,
    InstanceFinishedError,
    InstanceNotFoundError,
    InvalidStateError,
    StoreError,
)
from durable_async.model.history import HistoryEvent
from durable_async.model.identity import EntityId
from durable_async.model.status import ENDED, RuntimeStatus
from durable_async.model.work import (
    Answer,
    Cancel,
    Created,
    CreateInstance,
    EntityPage,
    EntityQuery,
    EntityRecord,
    ForgetAnswer,
    InstanceEnd,
    InstanceQuery,
    InstanceRecord,
    Message,
    Page,
    Purge,
    RaiseEvent,
    Resume,
    Rewind,
    SendSignal,
    Suspend,
    Terminate,
)
from durable_async.ports import Driver

__all__ = ["TemporalEngine"]

_RESERVED: Final = ("__temporal", signals.KEPT)


class TemporalEngine:
    """`async with TemporalEngine(source) as engine:` connects.

    source: where the cluster is, or a client of temporalio's, whose connection is used and stays
    open. Raises: ValueError if that client cannot be used (see `access.client_like`).
    """

    def __init__(self, source: Address | TemporalClient) -> None:
        self._connection = Connection(source)
        self._reading = InstanceReading(self._connection)

    async def __aenter__(self) -> Self:
        """Raises: StoreError if the cluster does not answer, or has no such namespace, or if what
        is set for Temporal cannot be read."""
        await self._connection.open()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._connection.close()

    @property
    def temporal(self) -> TemporalClient:
        """What speaks to the cluster. Raises RuntimeError if it is not connected."""
        return self._connection.client

    @property
    def namespace(self) -> str:
        """The one that is in use, wherever it was said. Raises as `temporal` does."""
        return self.temporal.namespace

    # ---- starting ----------------------------------------------------------------------------

    async def create(self, request: CreateInstance) -> Created:
        refusals.require_text(request.instance_id, request.name)
        if is_kept_id(request.instance_id):
            raise kept_id(request)
        if request.name == SCHEDULE:
            raise EngineLimitError(
                "on Temporal a schedule is no instance. Take `client.schedules` where it is used, "
                "inside the `async with` that opens the client"
            )
        try:
            await self._start(request)
        except WorkflowAlreadyStartedError:
            record = await self.record(request.instance_id)
            if request.if_exists != "attach":
                raise refusals.already_exists(request, record.name, record.status) from None
            if record.name != request.name:
                raise refusals.other_name(request, record.name) from None
            return Created(
                instance_id=record.instance_id, execution_id=record.execution_id, fresh=False
            )
        except RPCError as error:
            raise self._connection.unanswered(error) from error
        return Created(
            instance_id=request.instance_id, execution_id=request.execution_id, fresh=True
        )

    async def _start(self, request: CreateInstance) -> None:
        replaced = await self._replaceable(request) if request.if_exists == "replace" else None
        delay = None
        if request.start_at is not None:
            delay = max(request.start_at - datetime.now(UTC), timedelta()) or None
        policy = WorkflowIDReusePolicy.REJECT_DUPLICATE
        if request.if_exists == "replace":
            policy = WorkflowIDReusePolicy.ALLOW_DUPLICATE
        await self.temporal.start_workflow(
            request.name,
            args=[raw(request.input)],
            id=request.instance_id,
            task_queue=request.queue,
            id_reuse_policy=policy,
            memo=memo_of(request),
            search_attributes=await self._connection.attributes_for(request.tags),
            start_delay=delay,
        )
        if replaced is not None:
            # Or it would be listed beside the new one. It has begun, whatever comes of this.
            with contextlib.suppress(StoreError):
                await self._connection.delete_run(request.instance_id, replaced)

    async def _replaceable(self, request: CreateInstance) -> str | None:
        """The run of an ended instance of this id."""
        with contextlib.suppress(InstanceNotFoundError):
            described = await self._connection.describe(request.instance_id)
            return described.run_id if described.close_time is not None else None
        return None

    # ---- messages ----------------------------------------------------------------------------

    async def send(self, message: Message) -> int:
        match message:
            case RaiseEvent():
                await self._raise_event(message)
            case Cancel():
                await self._cancel(message)
            case Terminate():
                return await self._terminate(message)
            case Suspend(instance_id=instance_id, reason=reason):
                await self._signal(instance_id, signals.SUSPEND, [document(reason)])
            case Resume(instance_id=instance_id, reason=reason):
                await self._signal(instance_id, signals.RESUME, [document(reason)])
            case Rewind(instance_id=instance_id):
                await Rewinder(self._connection, self._reading).rewind(instance_id)
            case Purge(instance_id=instance_id):
                return await self._purge(instance_id)
            case SendSignal():
                await self._signal_entity(message)
            case ForgetAnswer():
                pass  # its instance forgets the oldest ones
            case _:
                assert_never(message)
        return 1

    async def _signal_entity(self, message: SendSignal) -> None:
        refusals.require_text(message.entity.type, message.entity.key, message.operation)
        asked = Asked(what="operation", operation=message.operation, due=message.due)
        mail = Mail(sender=uuid.uuid4().hex, may_repeat=True, asked=(asked,))
        with self._connection.asking():
            await post(self.temporal, message.entity, signal_arguments(mail, [message.input]))

    async def _raise_event(self, message: RaiseEvent) -> None:
        refusals.require_text(message.name, message.key)
        if message.name.startswith(_RESERVED):
            raise EngineLimitError(
                f"an event cannot be called {message.name!r} on Temporal: names that begin with "
                f"{' or '.join(map(repr, _RESERVED))} are kept. Choose another name"
            )
        arguments = [raw(message.data)]
        extras = signals.EventExtras(key=message.key, request_id=message.request_id)
        if extras != signals.EventExtras():
            arguments.append(document(extras))
        try:
            await self._signal(message.instance_id, message.name, arguments)
        except InstanceFinishedError:
            # Who raises it again, not knowing that it has come, is not wrong.
            key = message.key
            if key is None or not await self._reading.has_come(message.instance_id, key):
                raise

    async def _cancel(self, message: Cancel) -> None:
        described = await self._live(message.instance_id)
        if described.raw_description.workflow_extended_info.cancel_requested:
            await self._signal(message.instance_id, signals.CANCEL, [document(message.reason)])
            return
        with self._connection.asking(message.instance_id):
            await self._connection.handle(message.instance_id).cancel(reason=message.reason)

    async def _terminate(self, message: Terminate) -> int:
        described = await self._live(message.instance_id)
        children = described.raw_description.pending_children if message.recursive else ()
        count = 1
        if children:
            # Its code must not hear of their ends, nor they be cancelled by its own.
            await self._signal(message.instance_id, signals.SUSPEND, [document(message.reason)])
        for child in children:
            why = refusals.parent_ended(message.instance_id, RuntimeStatus.TERMINATED)
            below = Terminate(instance_id=child.workflow_id, reason=why)
            with contextlib.suppress(InstanceNotFoundError, InstanceFinishedError):
                count += await self._terminate_child(below)
        with self._connection.asking(message.instance_id):
            await self._connection.handle(message.instance_id).terminate(reason=message.reason)
        return count

    async def _terminate_child(self, message: Terminate) -> int:
        described = await self._connection.describe(message.instance_id)
        if read_memo(described.raw_info.memo.fields).detached:
            return 0
        return await self._terminate(message)

    async def _signal(self, instance_id: str, name: str, arguments: list[RawValue]) -> None:
        try:
            await self._connection.handle(instance_id).signal(name, args=arguments)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise self._connection.unanswered(error) from error
            self._refuse_ended(await self.record(instance_id))
            raise  # it has ended, and another one begun, in this very moment

    async def _live(self, instance_id: str) -> WorkflowExecutionDescription:
        """Raises: InstanceFinishedError if it is not."""
        described = await self._connection.describe(instance_id)
        if described.close_time is not None:
            self._refuse_ended(await self._reading.read(described))
        return described

    def _refuse_ended(self, record: InstanceRecord) -> None:
        if record.status.has_ended:
            raise refusals.finished(record.instance_id, record.status, record.completed_at)

    # ---- removing ----------------------------------------------------------------------------

    async def _purge(self, instance_id: str) -> int:
        record = await self.record(instance_id)
        if not record.status.has_ended:
            raise refusals.not_ended(instance_id, record.status)
        purged, ended = 0, deque([instance_id])
        while ended:
            each = ended.popleft()
            ended.extend([child async for child in self._ended_children(each)])
            with contextlib.suppress(InstanceNotFoundError, InvalidStateError):
                await self._delete(each)
                purged += 1
        return purged

    async def _ended_children(self, instance_id: str) -> AsyncIterator[str]:
        query = InstanceQuery(parent_id=instance_id, status=ENDED, internal=True)
        while True:
            page = await self.page(query)
            for record in page.records:
                yield record.instance_id
            if page.next is None:
                return
            query = attrs.evolve(query, after=page.next)

    async def _delete(self, instance_id: str) -> None:
        """All of its runs. Never one that is live: Temporal would terminate it first."""
        described = await self._connection.describe(instance_id)
        if described.close_time is None:
            record = await self.record(instance_id)
            raise refusals.not_ended(instance_id, record.status)
        runs = await self._reading.runs(instance_id)
        for run_id in {described.run_id, *[each.run_id for each in runs if each.close_time]}:
            await self._connection.delete_run(instance_id, run_id)

    # ---- reading -----------------------------------------------------------------------------

    async def record(self, instance_id: str) -> InstanceRecord:
        return await self._reading.record(instance_id)

    async def ended(
        self, instance_id: str, *, stuck: Callable[[InstanceRecord], None] | None = None
    ) -> InstanceRecord:
        return await self._reading.ended(instance_id, stuck=stuck)

    async def end(
        self, instance_id: str, *, stuck: Callable[[InstanceRecord], None] | None = None
    ) -> InstanceEnd:
        return await self._reading.end(instance_id, stuck=stuck)

    async def history(self, instance_id: str) -> tuple[HistoryEvent, ...]:
        return await self._reading.history(instance_id)

    async def inbox(self, instance_id: str) -> tuple[HistoryEvent, ...]:
        """Empty: what Temporal has accepted is handed to a worker at once."""
        return ()

    async def page(self, query: InstanceQuery) -> Page:
        return await self._reading.page(query)

    async def count(self, query: InstanceQuery) -> int:
        return await self._reading.count(query)

    @property
    def schedules(self) -> KeptSchedules:
        """Temporal's own: no worker is needed for a run to be started."""
        return KeptSchedules(self.temporal, self._connection.unanswered)

    async def now(self) -> datetime:
        return datetime.now(UTC)

    async def answered(self, instance_id: str, request_id: str) -> Answer:
        return await Asker(self._connection, self._reading, instance_id, request_id).answer()

    async def entity(self, entity: EntityId) -> EntityRecord | None:
        """Its state as its newest operations left it. No worker is asked."""
        with self._connection.asking():
            return await EntityReading(self.temporal).entity(entity)

    async def entities(self, query: EntityQuery) -> EntityPage:
        """Those that visibility knows, which hears of a new one a moment later."""
        with self._connection.asking():
            return await EntityReading(self.temporal).page(query)

    # ---- as workers of stores see an engine --------------------------------------------------

    async def open_session(self, identity: str) -> str:
        _refuse("sessions", "da.Worker, which speaks to Temporal in another way")

    def attach(self, driver: Driver) -> None:
        _refuse("drivers", "da.Worker, which speaks to Temporal in another way")

    async def detach(self, driver: Driver) -> None:
        """There is none."""

    def wake(self) -> None:
        """Nobody sleeps."""

    def worker_service(
        self, registry: Registry, converter: Converter, **settings: Any
    ) -> TemporalService:
        """What does the work of a worker here. settings: see TemporalService."""
        lend, end_of = self._connection.lend, self._reading.end_of
        return TemporalService(lend, end_of, errands_of(self), registry, converter, **settings)


def _refuse(what: str, instead: str) -> NoReturn:
    raise EngineLimitError(
        f"the temporal engine of this release has no {what}. Use {instead}, or another engine "
        "('sqlite:///path.db')"
    )
