"""A Temporal cluster, as clients see an open engine. Invariant: when a method returns, the cluster
has it; what the cluster cannot do, or what is not built here, is refused at the call.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn, Self, assert_never

import attrs
from temporalio.api.common.v1 import WorkflowExecution as WireExecution
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.history.v1 import HistoryEvent as WireEvent
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DeleteWorkflowExecutionRequest,
    DescribeNamespaceRequest,
    GetWorkflowExecutionHistoryReverseRequest,
)
from temporalio.client import (
    Client as TemporalClient,
)
from temporalio.client import (
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowHandle,
    WorkflowHistoryEventFilterType,
    WorkflowQueryFailedError,
)
from temporalio.common import RawValue, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from durable_async.convert.values import Converter
from durable_async.dsl.registry import Registry
from durable_async.dsl.schedules import SCHEDULE
from durable_async.engines import refusals
from durable_async.engines.temporal import signals
from durable_async.engines.temporal.access import (
    LAST_THREADS,
    access_to,
    another_like,
    client_like,
)
from durable_async.engines.temporal.address import Address
from durable_async.engines.temporal.answers import Answered
from durable_async.engines.temporal.asking import Asker
from durable_async.engines.temporal.entities.errands import errands_of, post
from durable_async.engines.temporal.entities.mail import Asked, Mail, signal_arguments
from durable_async.engines.temporal.entities.names import is_kept_id, kept_id
from durable_async.engines.temporal.entities.reading import EntityReading
from durable_async.engines.temporal.event_keys import keys_in
from durable_async.engines.temporal.indexes import TAGS, attributes_for
from durable_async.engines.temporal.listing import Listing
from durable_async.engines.temporal.memos import memo_of, read_memo
from durable_async.engines.temporal.offers import with_offers
from durable_async.engines.temporal.payloads import document, raw
from durable_async.engines.temporal.records import (
    began_as,
    continues_as,
    end_in,
    is_idle,
    is_pending,
    is_retried,
    record_of,
    started_of,
    why_cancelled,
    why_held,
)
from durable_async.engines.temporal.rewinding import Rewinder
from durable_async.engines.temporal.schedules import KeptSchedules
from durable_async.engines.temporal.service import TemporalService
from durable_async.engines.temporal.snapshots import unpack_events
from durable_async.engines.temporal.visibility import was_replaced
from durable_async.errors import (
    DurableError,
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

_ANSWER: Final = timedelta(seconds=10)
"""How long the cluster, and for what only workers know a worker, may take to answer."""

_LOOK_EVERY: Final = 10.0
"""Seconds between two looks whether an instance that is waited for is held up."""

_REFUSED: Final = (RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.PERMISSION_DENIED)

_SMALL: Final = 64 * 1024
_SHORT: Final = 60
"""Bytes and events of a history that is read in one call."""

_RESERVED: Final = ("__temporal", signals.KEPT)


class TemporalEngine:
    """`async with TemporalEngine(source) as engine:` connects.

    source: where the cluster is, or a client of temporalio's, whose connection is used and stays
    open. Raises: ValueError if that client cannot be used (see `access.client_like`).
    """

    def __init__(self, source: Address | TemporalClient) -> None:
        self._source = source if isinstance(source, Address) else client_like(source)
        self._opened: TemporalClient | None = None
        self._target = ""  # for messages
        self._is_lent = False  # to a worker
        self._indexes: bool | None = None  # tags, as far as is known

    async def __aenter__(self) -> Self:
        """Raises: StoreError if the cluster does not answer, or has no such namespace, or if what
        is set for Temporal cannot be read."""
        match self._source:
            case Address() as address:
                client = await self._connect(address)
            case connected:
                client = connected
        self._target = client.service_client.config.target_host
        await self._look_for_namespace(client)
        self._opened = client
        return self

    async def _connect(self, address: Address) -> TemporalClient:
        try:
            return await access_to(address).connect()
        except StoreError:
            await asyncio.sleep(LAST_THREADS)
            raise

    async def _look_for_namespace(self, client: TemporalClient) -> None:
        namespace = client.namespace
        try:
            await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=namespace), timeout=_ANSWER
            )
        except RPCError as error:
            if error.status in _REFUSED:
                raise StoreError(
                    f"the Temporal cluster at {self._target} does not let this in to namespace "
                    f"{namespace!r}: {error.status.name}: {error.message}. Check TEMPORAL_API_KEY, "
                    "or the certificate of TEMPORAL_TLS_..., and whether they are of this namespace"
                ) from error
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise self._unanswered(error) from error
            raise StoreError(
                f"the Temporal cluster at {self._target} has no namespace {namespace!r}. "
                f"Make it: `temporal operator namespace create {namespace}`"
            ) from error

    async def __aexit__(self, *error: object) -> None:
        self._opened = self._indexes = None
        await asyncio.sleep(LAST_THREADS)

    @property
    def temporal(self) -> TemporalClient:
        """What speaks to the cluster. Raises RuntimeError if it is not connected."""
        if self._opened is None:
            raise RuntimeError("the engine is not open")
        return self._opened

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
        except WorkflowAlreadyStartedError as error:
            record = await self.record(request.instance_id)
            if request.if_exists != "attach":
                raise refusals.already_exists(request, record.name, record.status) from error
            if record.name != request.name:
                raise refusals.other_name(request, record.name) from error
            return Created(
                instance_id=record.instance_id, execution_id=record.execution_id, fresh=False
            )
        except RPCError as error:
            raise self._unanswered(error) from error
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
            search_attributes=attributes_for(request.tags) if await self._has_index() else None,
            start_delay=delay,
        )
        if replaced is not None:
            # Or it would be listed beside the new one. It has begun, whatever comes of this.
            with contextlib.suppress(StoreError):
                await self._delete_run(request.instance_id, replaced)

    async def _replaceable(self, request: CreateInstance) -> str | None:
        """The run of an ended instance of this id."""
        with contextlib.suppress(InstanceNotFoundError):
            described = await self._describe(request.instance_id)
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
                await self._rewinder().rewind(instance_id)
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
        with self._asking():
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
            if message.key is None or not await self._has_come(message.instance_id, message.key):
                raise

    async def _has_come(self, instance_id: str, key: str) -> bool:
        """Whether an ended instance was told of an event with this key."""
        with self._asking(instance_id):
            async for event in self._handle(instance_id).fetch_history_events():
                if key in keys_in(event):
                    return True
        return False

    async def _cancel(self, message: Cancel) -> None:
        described = await self._live(message.instance_id)
        if described.raw_description.workflow_extended_info.cancel_requested:
            await self._signal(message.instance_id, signals.CANCEL, [document(message.reason)])
            return
        with self._asking(message.instance_id):
            await self._handle(message.instance_id).cancel(reason=message.reason)

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
        with self._asking(message.instance_id):
            await self._handle(message.instance_id).terminate(reason=message.reason)
        return count

    async def _terminate_child(self, message: Terminate) -> int:
        described = await self._describe(message.instance_id)
        if read_memo(described.raw_info.memo.fields).detached:
            return 0
        return await self._terminate(message)

    def _rewinder(self) -> Rewinder:
        return Rewinder(
            client=self.temporal,
            describe=self._describe,
            read=self._read,
            unanswered=self._unanswered,
            delete_run=self._delete_run,
            has_index=self._has_index,
        )

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
        described = await self._describe(instance_id)
        if described.close_time is None:
            record = await self.record(instance_id)
            raise refusals.not_ended(instance_id, record.status)
        with self._asking():
            runs = await (await self._listing()).runs(instance_id)
        for run_id in {described.run_id, *[each.run_id for each in runs if each.close_time]}:
            await self._delete_run(instance_id, run_id)

    async def _delete_run(self, instance_id: str, run_id: str) -> None:
        """The cluster does it soon: that can take half a minute, until when it is still seen."""
        request = DeleteWorkflowExecutionRequest(
            namespace=self.temporal.namespace,
            workflow_execution=WireExecution(workflow_id=instance_id, run_id=run_id),
        )
        with contextlib.suppress(InstanceNotFoundError), self._asking(instance_id):
            await self.temporal.workflow_service.delete_workflow_execution(request, timeout=_ANSWER)

    async def _signal(self, instance_id: str, name: str, arguments: list[RawValue]) -> None:
        try:
            await self._handle(instance_id).signal(name, args=arguments)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise self._unanswered(error) from error
            self._refuse_ended(await self.record(instance_id))
            raise  # it has ended, and another one begun, in this very moment

    async def _live(self, instance_id: str) -> WorkflowExecutionDescription:
        """Raises: InstanceFinishedError if it is not."""
        described = await self._describe(instance_id)
        if described.close_time is not None:
            self._refuse_ended(await self._read(described))
        return described

    def _refuse_ended(self, record: InstanceRecord) -> None:
        if record.status.has_ended:
            raise refusals.finished(record.instance_id, record.status, record.completed_at)

    # ---- reading -----------------------------------------------------------------------------

    async def record(self, instance_id: str) -> InstanceRecord:
        described = await self._describe(instance_id)
        record = await self._read(described)
        if record.status.has_ended:
            return record
        return await with_offers(self.temporal, record, described)

    async def _read(
        self, described: WorkflowExecutionDescription, last: WireEvent | None = None
    ) -> InstanceRecord:
        """What is not in the description is in the history. last: its last event, if that is at
        hand."""
        blocked = None
        with self._asking(described.id):
            first, last = await self._outermost(described, last)
            if last is None and is_retried(described):
                blocked = await self._why_held(described.id, described.run_id)
        return record_of(described, first, last, blocked)

    async def _outermost(
        self, run: WorkflowExecution, last: WireEvent | None = None
    ) -> tuple[WireEvent, WireEvent | None]:
        """The first event of its history and, if it has ended, the last."""
        handle = self._handle(run.id, run.run_id)
        if run.close_time is None:
            return await _first_event(handle), None
        if last is not None and last.event_id == run.history_length:
            return await _first_event(handle), last
        if _is_short(run):
            events = await _first_page(handle)
            return events[0], events[-1]
        return await asyncio.gather(_first_event(handle), _last_event(handle))

    async def _listed(self, row: WorkflowExecution) -> InstanceRecord | None:
        """row: of visibility. None if another instance has its id now."""
        if row.close_time is not None:
            # It changes no more: that the newest run is this one is all there is to make sure of.
            newest = self._handle(row.id)
            with self._asking(row.id):
                if _is_short(row):
                    events = await _first_page(newest)
                    first, last = events[0], events[-1]
                else:
                    this = self._handle(row.id, row.run_id)
                    first, last = await asyncio.gather(_first_event(newest), _last_event(this))
            if began_as(first) == row.run_id:
                return record_of(row, first, last, None)
        described = await self._describe(row.id)
        return None if was_replaced(row, described.run_id) else await self._read(described)

    async def _describe(self, instance_id: str) -> WorkflowExecutionDescription:
        with self._asking(instance_id):
            return await self._handle(instance_id).describe(rpc_timeout=_ANSWER)

    async def _why_held(self, instance_id: str, run_id: str) -> str | None:
        response = await self.temporal.workflow_service.get_workflow_execution_history_reverse(
            GetWorkflowExecutionHistoryReverseRequest(
                namespace=self.temporal.namespace,
                execution=WireExecution(workflow_id=instance_id, run_id=run_id),
                maximum_page_size=5,
            ),
            timeout=_ANSWER,
        )
        events = response.history.events
        return why_held(events[0]) if events else None

    async def ended(
        self, instance_id: str, *, stuck: Callable[[InstanceRecord], None] | None = None
    ) -> InstanceRecord:
        last = await self._end_event(instance_id, stuck)
        return await self._read(await self._describe(instance_id), last)

    async def end(
        self, instance_id: str, *, stuck: Callable[[InstanceRecord], None] | None = None
    ) -> InstanceEnd:
        """Of most, the last event says all that is asked."""
        last = await self._end_event(instance_id, stuck)
        end = end_in(instance_id, last)
        if end.status is RuntimeStatus.CANCELLED:
            described = await self._describe(instance_id)
            return attrs.evolve(end, reason=why_cancelled(described))
        return end

    async def _end_event(
        self, instance_id: str, stuck: Callable[[InstanceRecord], None] | None
    ) -> WireEvent:
        waiting = asyncio.ensure_future(self._until_ended(instance_id))
        told: str | None = None
        try:
            while not (await asyncio.wait({waiting}, timeout=_LOOK_EVERY))[0]:
                if stuck is None:
                    continue
                described = await self._describe(instance_id)
                if not (is_retried(described) or is_idle(described)):
                    continue
                record = await self._read(described)
                why = record.blocked or ("idle" if record.idle else None)
                if why is not None and why != told:
                    told = why
                    stuck(record)
            return waiting.result()
        finally:
            waiting.cancel()

    async def _until_ended(self, instance_id: str) -> WireEvent:
        run_id: str | None = None
        while True:
            with self._asking(instance_id):
                last = await _last_event(self._handle(instance_id, run_id))
            run_id = continues_as(last)
            if run_id is None:
                return last

    async def end_of(self, instance_id: str) -> Answered:
        """What whoever awaits the instance hears of its end."""
        try:
            end = await self.end(instance_id)
        except InstanceNotFoundError as unknown:
            return Answered(failure=refusals.failure_from(unknown, instance_id=None))
        match end.status:
            case RuntimeStatus.FAILED:
                return Answered(failure=end.failure)
            case RuntimeStatus.CANCELLED:
                error: DurableError = refusals.awaited_cancelled(instance_id, end.reason or "")
            case RuntimeStatus.TERMINATED:
                error = refusals.awaited_terminated(instance_id, end.reason or "")
            case _:
                return Answered(result=end.output)
        return Answered(failure=refusals.failure_from(error, instance_id=instance_id))

    async def history(self, instance_id: str) -> tuple[HistoryEvent, ...]:
        """Asked of a worker: Temporal keeps a history of its own."""
        described = await self._describe(instance_id)
        if is_pending(described):
            with self._asking(instance_id):
                first, _ = await self._outermost(described)
            return (started_of(record_of(described, first, None, None), first),)
        events: list[HistoryEvent] = []
        while True:
            page = await self._history_from(instance_id, len(events))
            events += page
            if not page:
                return tuple(events)

    async def _history_from(self, instance_id: str, begin: int) -> tuple[HistoryEvent, ...]:
        try:
            with self._asking(instance_id):
                answer: RawValue = await self._handle(instance_id).query(
                    signals.HISTORY,
                    args=[document(begin)],
                    result_type=RawValue,
                    rpc_timeout=_ANSWER,
                )
        except WorkflowQueryFailedError as error:
            raise StoreError(f"instance {instance_id!r} cannot be read: {error}") from error
        return unpack_events([answer], 0)

    async def inbox(self, instance_id: str) -> tuple[HistoryEvent, ...]:
        """Empty: what Temporal has accepted is handed to a worker at once."""
        return ()

    async def page(self, query: InstanceQuery) -> Page:
        """As visibility knows it, which hears of everything a moment later. By the start of the
        newest run."""
        with self._asking():
            return await (await self._listing()).page(query)

    async def count(self, query: InstanceQuery) -> int:
        with self._asking():
            return await (await self._listing()).count(query)

    @property
    def schedules(self) -> KeptSchedules:
        """Temporal's own: no worker is needed for a run to be started."""
        return KeptSchedules(self.temporal, self._unanswered)

    async def now(self) -> datetime:
        return datetime.now(UTC)

    async def answered(self, instance_id: str, request_id: str) -> Answer:
        return await Asker(
            instance_id=instance_id,
            request_id=request_id,
            describe=self._describe,
            handle=self._handle,
            record=self.record,
        ).answer()

    async def entity(self, entity: EntityId) -> EntityRecord | None:
        """Its state as its newest operations left it. No worker is asked."""
        with self._asking():
            return await EntityReading(self.temporal).entity(entity)

    async def entities(self, query: EntityQuery) -> EntityPage:
        """Those that visibility knows, which hears of a new one a moment later."""
        with self._asking():
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
        return TemporalService(
            self._lend, self.end_of, errands_of(self), registry, converter, **settings
        )

    @contextlib.asynccontextmanager
    async def _lend(self) -> AsyncIterator[TemporalClient]:
        """A connection for a worker: Temporal's library takes one worker of a queue on each. The
        first has this one's, so that a key that is renewed here counts there, too."""
        if self._is_lent:
            yield await another_like(self.temporal)
            return
        self._is_lent = True
        try:
            yield self.temporal
        finally:
            self._is_lent = False

    # ---- how ---------------------------------------------------------------------------------

    def _handle(self, instance_id: str, run_id: str | None = None) -> WorkflowHandle[Any, Any]:
        return self.temporal.get_workflow_handle(instance_id, run_id=run_id)

    async def _listing(self) -> Listing:
        return Listing(self.temporal, self._listed, indexed=await self._has_index())

    async def _has_index(self) -> bool:
        """Whether the namespace has the search attribute for tags. Asked once; a cluster that does
        not tell (it may want other rights for it) has none."""
        if self._indexes is None:
            request = ListSearchAttributesRequest(namespace=self.temporal.namespace)
            try:
                there = await self.temporal.operator_service.list_search_attributes(
                    request, timeout=_ANSWER
                )
            except RPCError:
                self._indexes = False
            else:
                kind = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST
                self._indexes = there.custom_attributes.get(TAGS) == kind
        return self._indexes

    @contextlib.contextmanager
    def _asking(self, instance_id: str | None = None) -> Iterator[None]:
        """instance_id: whose absence may be the answer."""
        try:
            yield
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and instance_id is not None:
                raise refusals.not_found(instance_id, self.temporal.namespace) from error
            raise self._unanswered(error) from error

    def _unanswered(self, error: RPCError) -> StoreError:
        said = f"{error.status.name}: {error.message}".rstrip(". ")
        hint = _hint(error.status)
        return StoreError(f"the Temporal cluster at {self._target} did not do this: {said}{hint}")


def _hint(status: RPCStatusCode) -> str:
    match status:
        case RPCStatusCode.CANCELLED | RPCStatusCode.DEADLINE_EXCEEDED | RPCStatusCode.UNAVAILABLE:
            return (
                ". Is the server reachable, and, for what only a worker knows, does one run on "
                "that queue?"
            )
        case RPCStatusCode.FAILED_PRECONDITION:
            return (
                ". For what only a worker knows: those that tried cannot go on with the instance, "
                "and their log says why"
            )
        case _:
            return ""


def _is_short(run: WorkflowExecution) -> bool:
    """Whether all of its history is read as fast as one event. run: ended."""
    return 0 < run.history_length <= _SHORT and run.raw_info.history_size_bytes <= _SMALL


async def _first_page(handle: WorkflowHandle[Any, Any]) -> Sequence[WireEvent]:
    events = handle.fetch_history_events(page_size=_SHORT, skip_archival=True)
    await events.fetch_next_page()
    return events.current_page or ()


async def _first_event(handle: WorkflowHandle[Any, Any]) -> WireEvent:
    return await anext(handle.fetch_history_events(page_size=1))


async def _last_event(handle: WorkflowHandle[Any, Any]) -> WireEvent:
    """Waits for it. Of a run."""
    return await anext(
        handle.fetch_history_events(
            wait_new_event=True,
            event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT,
            skip_archival=True,
        )
    )


def _refuse(what: str, instead: str) -> NoReturn:
    raise EngineLimitError(
        f"the temporal engine of this release has no {what}. Use {instead}, or another engine "
        "('sqlite:///path.db')"
    )
