"""One instance, as its client holds it. Invariant: a handle is an id and a result type; it keeps
nothing that the store could contradict.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar, cast

import attrs

from durable_async.client.states import pending_calls, stack_text, state_of
from durable_async.convert.durations import Duration, seconds
from durable_async.convert.failures import exception_of
from durable_async.convert.values import Converter
from durable_async.errors import InstanceTerminatedError, StoreError
from durable_async.model.failure import Failure
from durable_async.model.history import ExecutionTerminated, HistoryEvent
from durable_async.model.payload import Payload
from durable_async.model.status import InstanceState, PendingCall, RuntimeStatus
from durable_async.model.work import InstanceRecord, RaiseEvent, Terminate
from durable_async.ports import Connection

__all__ = ["Handle", "check_text"]

R_co = TypeVar("R_co", covariant=True)

_logger = logging.getLogger("durable_async.client")

UNTAKEN_AFTER: Final = 5.0
"""Seconds after which a wait for an instance that nobody runs is worth a warning."""


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
        lacks its class); InstanceTerminatedError; TimeoutError, and the instance goes on;
        SerializationError if the result does not fit the result type.
        Known elsewhere as: Temporal's handle.result, Azure's wait_for_completion.
        """
        record = await self._ended(timeout)
        match record.status:
            case RuntimeStatus.COMPLETED:
                assert record.output is not None
                return cast(R_co, self._decode(record.output))
            case RuntimeStatus.FAILED:
                assert record.failure is not None
                raise self._exception(record.failure)
            case _:
                raise InstanceTerminatedError(await self._why_terminated(record))

    async def wait(self, timeout: Duration | None = None) -> InstanceState:
        """Wait until the instance has ended, however it does; its last state.

        timeout: as of `result`. Raises: TimeoutError, and the instance goes on.
        """
        record = await self._ended(timeout)
        return state_of(record, self._converter, decode=self._decode)

    async def state(self) -> InstanceState:
        """How the instance stands, and what it waits for.

        Its input is the list of its arguments, as plain JSON types. What this process cannot read,
        for want of a codec, stands as a text that says so.
        Raises: SerializationError if the result does not fit the result type.
        Known elsewhere as: Azure's get_status, Temporal's describe.
        """
        record = await self._connection().record(self._id)
        pending = await self._pending(record)
        return state_of(record, self._converter, decode=self._decode, pending=pending)

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

    async def terminate(self, reason: str = "") -> None:
        """End the instance at once. None of its code runs again, not even its `finally` blocks.

        Running activities are cancelled, and what they come to is dropped. reason: for people;
        in history, and in the InstanceTerminatedError of whoever awaits the result.
        Raises: InstanceFinishedError if the instance has ended.
        Records: ExecutionTerminated.
        Known elsewhere as: Azure's and Temporal's terminate.
        """
        if reason:
            check_text(reason, what="the reason", lines=True)
        await self._connection().send(Terminate(instance_id=self._id, reason=reason))

    # ---- how ---------------------------------------------------------------------------------

    def _exception(self, failure: Failure) -> BaseException:
        """With a note that says where it was raised: the caller's traceback cannot."""
        if failure.instance_id is None:
            failure = attrs.evolve(failure, instance_id=self._id)
        return exception_of(failure, converter=self._converter)

    async def _ended(self, timeout: Duration | None) -> InstanceRecord:
        loop = asyncio.get_running_loop()
        looks: list[asyncio.Task[None]] = []
        patience = loop.call_later(
            UNTAKEN_AFTER, lambda: looks.append(loop.create_task(self._warn_if_untaken()))
        )
        try:
            return await self._ended_within(timeout)
        finally:
            patience.cancel()
            for look in looks:
                look.cancel()

    async def _warn_if_untaken(self) -> None:
        record = await self._connection().record(self._id)
        if record.status is RuntimeStatus.PENDING and record.history_length <= 1:
            version = "" if record.version is None else f" (version {record.version})"
            _logger.warning(
                "instance %r is waited for, and no worker has taken it for %g seconds. Is "
                "orchestrator %r%s given to a Worker that runs on this store and namespace? (It "
                "is right so if it was started for later.)",
                self._id,
                UNTAKEN_AFTER,
                record.name,
                version,
            )

    async def _ended_within(self, timeout: Duration | None) -> InstanceRecord:
        if timeout is None:
            return await self._connection().ended(self._id, stuck=_warn_of_stuck)
        limit = seconds(timeout, what="the timeout", negative=True)
        try:
            async with asyncio.timeout(limit):
                return await self._connection().ended(self._id, stuck=_warn_of_stuck)
        except TimeoutError:
            raise TimeoutError(
                f"instance {self._id!r} has not ended within {limit:g} seconds. It goes on: wait "
                "again, or ask its stack() what it waits for"
            ) from None

    async def _why_terminated(self, record: InstanceRecord) -> str:
        history = await self._connection().history(self._id)
        last = history[-1] if history else None
        because = (
            f": {last.reason}" if isinstance(last, ExecutionTerminated) and last.reason else ""
        )
        return (
            f"instance {self._id!r} was {record.status.lower()}{because}. It has no result; start "
            "it anew, under another id or with if_exists='replace', if it is still wanted"
        )

    async def _pending(self, record: InstanceRecord) -> tuple[PendingCall, ...]:
        if record.status.has_ended:
            return ()
        try:
            history = await self._connection().history(self._id)
        except StoreError:
            # A damaged history is a reason to look at an instance: the state says why it is
            # BLOCKED, and `history` raises what is wrong.
            _logger.warning("cannot read what %r waits for", self._id, exc_info=True)
            return ()
        return pending_calls(record, history)


def _warn_of_stuck(record: InstanceRecord) -> None:
    if record.status is RuntimeStatus.BLOCKED:
        _logger.warning(
            "instance %r is BLOCKED, and its result is still waited for: %s",
            record.instance_id,
            record.blocked,
        )
    else:
        _logger.warning(
            "instance %r waits for nothing that could come, and its result is still waited for: "
            'see what its stack() says; an event that it never awaits does not help, "terminate" '
            "ends it",
            record.instance_id,
        )


def check_text(text: object, *, what: str, lines: bool = False) -> None:
    """Refuse what cannot be stored and found again.

    lines: whether it may have several lines.
    Raises: TypeError if it is no str; ValueError if it is empty, has a control character or a
    half of a surrogate pair.
    """
    if not isinstance(text, str):
        raise TypeError(f"{what} must be a str, not {text!r} of type {type(text).__name__}")
    if not text:
        raise ValueError(f"{what} must not be empty")
    for character in text:
        if "\ud800" <= character <= "\udfff":
            raise ValueError(f"{what} has half a surrogate pair, and no stored form: {text!r}")
        if not lines and (character < " " or "\x7f" <= character <= "\x9f"):
            raise ValueError(f"{what} has a control character: {text!r}. Use printable characters")
