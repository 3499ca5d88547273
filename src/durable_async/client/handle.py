"""One instance, as its client holds it. Invariant: a handle is an id and a result type; it keeps
nothing that the store could contradict.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast, overload

import attrs

from durable_async.client import patience
from durable_async.client.patience import Looking, within
from durable_async.client.states import (
    entity_text,
    locks_awaited,
    missing_code,
    nobody_has,
    pending_calls,
    stack_text,
    state_of,
    why_held_up,
)
from durable_async.convert.durations import Duration
from durable_async.convert.failures import exception_of
from durable_async.convert.texts import check_text, checked_id
from durable_async.convert.values import Converter
from durable_async.errors import (
    DurableError,
    InstanceAlreadyExistsError,
    InstanceCancelledError,
    InstanceTerminatedError,
    InvalidStateError,
    RequestRejectedError,
    StoreError,
)
from durable_async.model.failure import Failure
from durable_async.model.history import HistoryEvent
from durable_async.model.identity import EntityId
from durable_async.model.payload import Payload
from durable_async.model.status import InstanceState, PendingCall, RuntimeStatus
from durable_async.model.work import (
    Answer,
    Cancel,
    CreateInstance,
    EntityRecord,
    ForgetAnswer,
    InstanceEnd,
    InstanceRecord,
    Purge,
    RaiseEvent,
    Resume,
    Rewind,
    Suspend,
    Terminate,
)
from durable_async.ports import Connection

if TYPE_CHECKING:
    from typing_extensions import TypeForm

__all__ = ["Handle"]

R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")

_logger = logging.getLogger("durable_async.client")

_WAIT_AGAIN: Final = "It goes on: wait again, or ask its stack() what it waits for"

_STAYS_ASKED: Final = (
    "The question stays asked, and its answer will be heard by nobody: ask again if need be. "
)

_WAITS_FOR_REQUESTS: Final = "The instance's stack() says whether it waits for requests"


class Handle(Generic[R_co]):
    """An instance by its id: ask how it stands, wait for it, tell it something.

    Made by `Client.start` and `Client.handle`, and of use as long as the client is open. Making
    one asks nothing of the store: whether the instance exists shows when it is used.
    Every method raises InstanceNotFoundError if there is no such instance, StoreError if the
    store cannot be read or written, and NotDurableError inside an orchestrator.
    Known elsewhere as: Temporal's WorkflowHandle, Azure's instance id with its client.
    """

    __slots__ = ("_connection", "_converter", "_decode", "_id")

    def __init__(
        self,
        instance_id: str,
        decode: Callable[[Payload], Any],
        *,
        connection: Callable[[], Connection],
        converter: Converter,
    ) -> None:
        self._id = instance_id
        self._decode = decode
        self._connection = connection
        self._converter = converter

    def __repr__(self) -> str:
        return f"Handle({self._id!r})"

    @property
    def id(self) -> str:
        return self._id

    # ---- asking ------------------------------------------------------------------------------

    async def result(self, timeout: Duration | None = None) -> R_co:
        """Wait until the instance has ended; what its orchestrator returned.

        timeout: a timedelta, or seconds, of the caller's own time; None waits as long as it takes.
        While the instance is BLOCKED this goes on waiting, and says so in the log.
        Raises: the exception that the orchestrator raised, as itself (RemoteError if this process
        lacks its class); InstanceCancelledError, InstanceTerminatedError, with the reason;
        TimeoutError, and the instance goes on; SerializationError if the result does not fit the
        result type.
        Known elsewhere as: Temporal's handle.result, Azure's wait_for_completion.
        """
        end = await self._ended(
            timeout, lambda: self._connection().end(self._id, stuck=_warn_of_stuck)
        )
        match end.status:
            case RuntimeStatus.COMPLETED:
                assert end.output is not None
                return cast(R_co, self._decode(end.output))
            case RuntimeStatus.FAILED:
                assert end.failure is not None
                raise self._exception(end.failure)
            case RuntimeStatus.CANCELLED:
                raise InstanceCancelledError(_why_ended(end))
            case _:
                raise InstanceTerminatedError(_why_ended(end))

    async def wait(self, timeout: Duration | None = None) -> InstanceState:
        """Wait until the instance has ended, however it does; its last state.

        timeout: as of `result`. Raises: TimeoutError, and the instance goes on.
        """
        record = await self._ended(
            timeout, lambda: self._connection().ended(self._id, stuck=_warn_of_stuck)
        )
        return state_of(record, self._converter, decode=self._decode)

    async def state(self) -> InstanceState:
        """How the instance stands, and what it waits for.

        Its input is the list of its arguments, as plain JSON types. What this process cannot read,
        for want of a codec, stands as a text that says so.
        Raises: SerializationError if the result does not fit the result type.
        Known elsewhere as: Azure's get_status, Temporal's describe.
        """
        record, pending, missing = await self._seen()
        return state_of(
            record, self._converter, decode=self._decode, pending=pending, missing=missing
        )

    async def history(self) -> list[HistoryEvent]:
        """What happened to the newest execution, oldest first. Payloads are as they are stored.

        Raises: StoreError, naming the place, if what is stored is damaged.
        Known elsewhere as: Temporal's fetch_history.
        """
        return list(await self._connection().history(self._id))

    async def stack(self) -> str:
        """What each of its waits is for, for people: where in the code, which attempt, when due.

        Known elsewhere as: Temporal's query __stack_trace.
        """
        return stack_text(await self.state())

    # ---- telling -----------------------------------------------------------------------------

    async def raise_event(self, name: str, data: Any = None, *, key: str | None = None) -> None:
        """Send an external event; when this returns, the event is durable.

        It is delivered to `wait_for_event(name)`, or kept until somebody waits for it. key: the
        same key is delivered once to an instance, however often it is sent.
        Raises: InstanceFinishedError if the instance has ended; SerializationError if the data has
        no stored form.
        Records: EventReceived.
        Known elsewhere as: Azure's raise_event, a signal in Temporal.
        """
        check_text(name, what="the name of an event")
        if key is not None:
            check_text(key, what="the key of an event")
        payload = self._converter.encode(data, what=f"the data of event {name!r}")
        await self._connection().send(
            RaiseEvent(instance_id=self._id, name=name, data=payload, key=key)
        )

    @overload
    async def ask(self, name: str, data: Any = None, *, timeout: Duration | None = None) -> Any: ...
    @overload
    async def ask(
        self,
        name: str,
        data: Any,
        result_type: TypeForm[T],
        *,
        timeout: Duration | None = None,
    ) -> T: ...
    @overload
    async def ask(
        self,
        name: str,
        data: Any = None,
        *,
        result_type: TypeForm[T],
        timeout: Duration | None = None,
    ) -> T: ...

    async def ask(
        self,
        name: str,
        data: Any = None,
        result_type: Any = Any,
        *,
        timeout: Duration | None = None,
    ) -> Any:
        """Ask the instance something, and wait for its answer: the `reply` of its
        `da.requests(name, ...)` loop.

        The question is durable from the first moment on, and so is the answer: it may take days,
        and workers may come and go. data: what the loop gets as `request.data`. result_type: what
        the answer becomes; `Any` gives plain JSON types. timeout: a timedelta, or seconds, of the
        caller's own time; None waits as long as it takes. After a timeout, or when the wait is
        cancelled, the question stays asked, and its answer is heard by nobody.
        Raises: RequestRejectedError, with the reason; InstanceFinishedError if the instance has
        ended, or ends, without an answer; TimeoutError; SerializationError if the data has no
        stored form, or the answer does not fit.
        Records: EventReceived, with a request id; then RequestAnswered.
        Known elsewhere as: an update with validator in Temporal.
        """
        check_text(name, what="the name of a request")
        answers = self._converter.value(result_type, what=f"the answer to request {name!r}")
        request_id = uuid.uuid4().hex
        request = RaiseEvent(
            instance_id=self._id,
            name=name,
            data=self._converter.encode(data, what=f"the data of request {name!r}"),
            request_id=request_id,
        )
        with Looking(functools.partial(self._warn_if_unanswered, name)):
            answer = await within(
                timeout,
                lambda: self._sent_and_answered(request, request_id),
                late=lambda: f"instance {self._id!r} has not answered request {name!r}",
                advice=lambda: self._advice(_STAYS_ASKED, _WAITS_FOR_REQUESTS),
            )
        await self._forget(request_id)
        return self._answered(name, answer, answers.decode)

    async def cancel(self, reason: str = "") -> None:
        """Ask the instance to cancel itself: `CancelledError` is raised where its main task waits.

        Its code may clean up, with durable calls too; it ends CANCELLED if it lets the error
        through, otherwise as it ends. Each request is one such error. A suspended instance is
        resumed. One that has not begun, or is BLOCKED, ends CANCELLED at once, and none of its code
        runs. When this returns, the request is stored: `wait` waits for the end. reason: for
        people; the message of the CancelledError, and of the InstanceCancelledError of whoever
        awaits the result.
        Raises: InstanceFinishedError if the instance has ended.
        Records: CancelRequested, then ExecutionCancelled.
        Known elsewhere as: asyncio's Task.cancel, Temporal's cancel.
        """
        await self._connection().send(Cancel(instance_id=self._id, reason=_reason(reason)))

    async def terminate(self, reason: str = "", *, recursive: bool = True) -> None:
        """End the instance at once. None of its code runs again, not even its `finally` blocks.

        Running activities are cancelled, and what they come to is dropped. recursive: its live
        children end with it, and theirs; otherwise they are cancelled. Detached instances live on.
        reason: for people; in history, and in the InstanceTerminatedError of whoever awaits the
        result.
        Raises: InstanceFinishedError if the instance has ended.
        Records: ExecutionTerminated.
        Known elsewhere as: Azure's and Temporal's terminate.
        """
        await self._connection().send(
            Terminate(instance_id=self._id, reason=_reason(reason), recursive=recursive)
        )

    async def suspend(self, reason: str = "") -> None:
        """Pause the instance: none of its code runs until it is resumed.

        Activities that run go on, and their results wait, as do events, and timers that become
        due. Cancel, terminate and rewind work. Of one that is suspended already, nothing changes.
        Raises: InstanceFinishedError if the instance has ended.
        Records: nothing.
        Known elsewhere as: Azure's suspend.
        """
        await self._connection().send(Suspend(instance_id=self._id, reason=_reason(reason)))

    async def resume(self, reason: str = "") -> None:
        """Let a suspended instance go on; what came in meanwhile is delivered in its order.

        Of one that is not suspended, nothing changes.
        Raises: InstanceFinishedError if the instance has ended.
        Records: nothing.
        Known elsewhere as: Azure's resume.
        """
        await self._connection().send(Resume(instance_id=self._id, reason=_reason(reason)))

    async def rewind(self, reason: str = "") -> None:
        """Let a failed instance go on from before the failure that ended it.

        What failed is done again, down to failed children; results of calls made before are kept,
        and failures that the code caught stay caught. Where the code itself failed, it runs again
        from there, so deploy the mended code first. The execution id stays. May be repeated.
        Raises: InvalidStateError if the instance has not failed.
        Records: nothing; history is cut.
        Known elsewhere as: Azure's rewind, a reset in Temporal.
        """
        await self._connection().send(Rewind(instance_id=self._id, reason=_reason(reason)))

    async def restart(self, id: str | None = None) -> Handle[R_co]:
        """Start an ended instance anew, from its beginning and with the same input.

        The name, the version, the queue and the tags are the same, too. id: of a new instance,
        which must not exist yet; None takes the same id, and what was recorded under it is gone.
        Gives the handle of what was started. One that was a child is nobody's child now.
        Raises: InvalidStateError if the instance has not ended; InstanceAlreadyExistsError if
        there is one of the new id.
        Records: ExecutionStarted.
        Known elsewhere as: Azure's restart.
        """
        new_id = self._id if id is None else checked_id(id)
        record = await self._connection().record(self._id)
        if not record.status.has_ended:
            raise self._still_live(record.status)
        request = CreateInstance(
            instance_id=new_id,
            execution_id=uuid.uuid4().hex,
            name=record.name,
            version=record.version,
            input=record.input,
            queue=record.queue,
            tags=dict(record.tags),
            if_exists="replace" if new_id == self._id else "raise",
        )
        try:
            await self._connection().create(request)
        except InstanceAlreadyExistsError as error:
            if new_id != self._id:
                raise
            live = (await self._connection().record(self._id)).status  # somebody was quicker
            raise self._still_live(live) from error
        return Handle(new_id, self._decode, connection=self._connection, converter=self._converter)

    async def purge(self) -> int:
        """Take the ended instance out of the store, for good, with its ended descendants.

        Gives how many instances went. See `Client.purge` for many.
        Raises: InvalidStateError if the instance has not ended.
        Known elsewhere as: Azure's purge_instance_history.
        """
        return await self._connection().send(Purge(instance_id=self._id))

    # ---- how ---------------------------------------------------------------------------------

    def _exception(self, failure: Failure) -> BaseException:
        """With a note that says where it was raised: the caller's traceback cannot."""
        if failure.instance_id is None:
            failure = attrs.evolve(failure, instance_id=self._id)
        return exception_of(failure, converter=self._converter)

    def _answered(self, name: str, answer: Answer, decode: Callable[[Payload], Any]) -> Any:
        if answer.result is None:
            because = f": {answer.reason}" if answer.reason else ", and did not say why"
            raise RequestRejectedError(f"instance {self._id!r} rejected request {name!r}{because}")
        return decode(answer.result)

    async def _forget(self, request_id: str) -> None:
        """The answer is here. That the store still keeps it for a while is no reason to lose it."""
        try:
            await self._connection().send(ForgetAnswer(request_id=request_id))
        except StoreError:
            _logger.debug("the answer to request %s stays in the store", request_id, exc_info=True)

    def _still_live(self, status: RuntimeStatus) -> InvalidStateError:
        return InvalidStateError(
            f"instance {self._id!r} is {status}, and only one that has ended is restarted: wait "
            "until it has ended, cancel it, or terminate it"
        )

    async def _sent_and_answered(self, request: RaiseEvent, request_id: str) -> Answer:
        await self._connection().send(request)
        return await self._connection().answered(self._id, request_id)

    async def _ended(
        self, timeout: Duration | None, wait: Callable[[], Awaitable[T]]
    ) -> T | InstanceRecord:
        """What the wait gives."""
        try:
            with Looking(self._warn_if_untaken):
                return await within(
                    timeout,
                    wait,
                    late=lambda: f"instance {self._id!r} has not ended",
                    advice=lambda: self._advice("", _WAIT_AGAIN),
                )
        except TimeoutError:
            # There may have been no time to look: what has ended is never late.
            record = await self._last_look()
            if record is None or not record.status.has_ended:
                raise
            return record

    async def _advice(self, first: str, otherwise: str) -> str:
        """For whoever has waited in vain: why none of its code runs, if none does."""
        record = await self._last_look()
        return first + ((None if record is None else why_held_up(record)) or otherwise)

    async def _last_look(self) -> InstanceRecord | None:
        """None if nothing is to be seen, for a while: they are told of the wait."""
        try:
            async with asyncio.timeout(patience.LAST_LOOK):
                return await self._connection().record(self._id)
        except (DurableError, TimeoutError):
            _logger.debug("cannot see what a wait was for", exc_info=True)
            return None

    async def _warn_if_untaken(self) -> None:
        record = await self._connection().record(self._id)
        if record.status is not RuntimeStatus.PENDING or record.start_at is not None:
            return
        if not record.offered:  # else its turn comes
            _logger.warning(
                "instance %r is waited for, and no worker has taken it for %g seconds: none that "
                "is alive has %s. Give it to a Worker that runs on this store and namespace",
                self._id,
                patience.LOOK_AFTER,
                missing_code(record),
            )

    async def _warn_if_unanswered(self, name: str) -> None:
        state = await self.state()
        held_up = why_held_up(state)
        if held_up is not None:
            why = held_up[0].lower() + held_up[1:]
        elif any(call.kind == "request" and call.name == name for call in state.pending):
            why = "it waits for requests of this name, so that a worker should hand it out soon"
        else:
            why = f"it does not wait for a request of this name now: {stack_text(state)}"
        _logger.warning(
            "instance %r was asked %r, and has not answered for %g seconds; %s",
            self._id,
            name,
            patience.LOOK_AFTER,
            why,
        )

    async def _seen(self) -> tuple[InstanceRecord, tuple[PendingCall, ...], tuple[str, ...]]:
        """How it stands, what it waits for, and which types of entities of that nobody has."""
        connection = self._connection()
        record = await connection.record(self._id)
        if record.status.has_ended:
            return record, (), ()
        # Asked together, they are answered together: neither tells of what the other has not seen.
        again, history = await asyncio.gather(
            connection.record(self._id), connection.history(self._id), return_exceptions=True
        )
        if isinstance(again, BaseException):
            raise again
        if isinstance(history, StoreError):
            # A damaged history is a reason to look at an instance: the state says why it is
            # BLOCKED, and `history` raises what is wrong.
            _logger.warning("cannot read what %r waits for: %s", self._id, history)
            return again, (), ()
        if isinstance(history, BaseException):
            raise history
        if again.status.has_ended:
            return again, (), ()
        entities = await self._entities(locks_awaited(history))
        locked_by = {each: there.locked_by for each, there in entities.items() if there.locked_by}
        return again, pending_calls(again, history, locked_by), nobody_has(history, entities)

    async def _entities(self, entities: Sequence[EntityId]) -> dict[EntityId, EntityRecord]:
        """How these stand. Most instances wait for none, and nothing is asked."""
        found: dict[EntityId, EntityRecord] = {}
        for entity in entities:
            try:
                record = await self._connection().entity(entity)
            except StoreError:  # a damaged state; no reason not to show the instance
                _logger.debug("cannot read how %s stands", entity_text(entity), exc_info=True)
                continue
            if record is not None:
                found[entity] = record
        return found


def _why_ended(end: InstanceEnd | InstanceRecord) -> str:
    """Of one that was cancelled or terminated."""
    because = f": {end.reason}" if end.reason else ""
    return (
        f"instance {end.instance_id!r} was {end.status.lower()}{because}. It has no result; "
        "start it anew, under another id or with if_exists='replace', if it is still wanted"
    )


def _warn_of_stuck(record: InstanceRecord) -> None:
    if record.status is RuntimeStatus.BLOCKED:
        # In short: the worker that blocked it has told it at length, most often in this log.
        _logger.warning(
            "the result of instance %r is still waited for. %s",
            record.instance_id,
            why_held_up(record),
        )
    else:
        _logger.warning(
            "instance %r waits for nothing that could come, and its result is still waited for: "
            'see what its stack() says; an event that it never awaits does not help, "terminate" '
            "ends it",
            record.instance_id,
        )


def _reason(text: str) -> str:
    if text:
        check_text(text, what="the reason", lines=True)
    return text
