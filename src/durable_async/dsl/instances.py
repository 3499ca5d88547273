"""Instances that are no children: started, told, awaited, and gone on with. Invariant: they live on
whatever becomes of the one that speaks here; it holds an id, and nothing that could go stale."""

from __future__ import annotations

import typing
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, NoReturn, TypeVar, overload

import attrs

from durable_async.convert.hints import describe
from durable_async.convert.refusals import Lift, Lower, RefusedError
from durable_async.convert.texts import check_text, checked_id, checked_tags, in_utc
from durable_async.convert.values import Converter
from durable_async.dsl.arrivals import hint_arrival
from durable_async.dsl.calls import ActivityCall, OrchestratorCall, said_once
from durable_async.dsl.context import (
    converter_of,
    encoded,
    operating,
    refuse_in_operation,
    required,
    running,
)
from durable_async.dsl.definitions import Orchestrator
from durable_async.errors import NotDurableError, OutsideOrchestratorError
from durable_async.lines import Place, place_of, user_place
from durable_async.model.creation import IfExists
from durable_async.model.options import DEFAULT_QUEUE
from durable_async.ports import Arrival, EntityRuntime, OrchestratorRuntime

if TYPE_CHECKING:
    from typing_extensions import TypeForm

__all__ = [
    "CarryEvents",
    "InstanceRef",
    "continue_as_new",
    "orchestrator_call",
    "send_event",
    "start",
]

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")

CarryEvents = Literal["carry", "drop"]

_USE_A_CLIENT: Final = "In activities and in ordinary code use a client: "


# ---- references --------------------------------------------------------------------------------


class InstanceRef(Generic[R_co]):
    """Another instance, as an orchestrator holds it. Made by `da.start`.

    id: the instance's. Two of them are equal if their ids are. It may be an argument, a result or
    part of a state, and is stored as its id; `InstanceRef[int]` as the hint says how the result is
    read back (in an activity, use `client.handle(ref.id)`). `da.InstanceRef("order-1", Receipt)`
    refers to an instance that was started elsewhere; without a type its result consists of plain
    JSON types.
    Known elsewhere as: Temporal's external workflow handle.
    """

    __slots__ = ("_arrival", "_id")

    @overload
    def __init__(self: InstanceRef[Any], id: str) -> None: ...
    @overload
    def __init__(self, id: str, result_type: TypeForm[R_co]) -> None: ...
    def __init__(self, id: str, result_type: Any = Any) -> None:
        self._id = checked_id(id)
        self._arrival: Callable[[Converter], Arrival[R_co]] = _arrival_under(result_type)

    @property
    def id(self) -> str:
        return self._id

    def send_event(self, name: str, data: Any = None) -> None:
        """Raise an event in it. Issued at once, not awaited; see `da.send_event`."""
        _send_event(self.id, name, data, user_place(2), function="InstanceRef.send_event")

    def cancel(self, reason: str = "") -> None:
        """Ask it to cancel itself. Issued at once, not awaited, and in no need of an answer: what
        is unknown or has ended is left as it is, and logged.

        reason: what its CancelledError says. Its code may clean up first; see `result`.
        Raises: OutsideOrchestratorError; NotDurableError inside an operation of an entity.
        Records: CancelSent.
        Known elsewhere as: Temporal's external workflow handle cancel.
        """
        if operating() is not None:
            raise NotDurableError(
                f"an operation of an entity sends no cancel, as one is sent to instance {self.id!r}"
                ". Send it an event that it acts on, or let an orchestrator cancel it"
            )
        runtime = required(
            "InstanceRef.cancel", f"{_USE_A_CLIENT}`await client.handle(id).cancel(reason)`"
        )
        if reason:
            check_text(reason, what="the reason of a cancel", lines=True)
        place = user_place(2)
        runtime.send_cancel(instance_id=self.id, reason=reason, line=lambda: place_of(place))

    def result(self) -> Coroutine[Any, Any, R_co]:
        """What it returned, once it has ended; awaited. Cancelling the wait leaves it running.

        Raises: what it raised; InstanceCancelledError, InstanceTerminatedError if it was;
        InstanceNotFoundError if there is none of this id; SerializationError if the result does not
        fit its type; asyncio.CancelledError if the wait is cancelled; ValueError for the instance
        itself; OutsideOrchestratorError; NotDurableError inside an operation of an entity.
        Records: InstanceAwaited; then CallCompleted or CallFailed, or InstanceWaitCancelled.
        """
        refuse_in_operation(f"the result of instance {self.id!r} is awaited")
        runtime = required(
            "InstanceRef.result", f"{_USE_A_CLIENT}`await client.handle(id).result()`"
        )
        if self.id == runtime.info().instance_id:
            raise ValueError(
                f"instance {self.id!r} would wait for its own result, for ever: return what is "
                "known here, or wait for an event"
            )
        return self._wait_for_result(runtime, user_place(2))

    async def _wait_for_result(self, runtime: OrchestratorRuntime, place: Place | None) -> R_co:
        return await runtime.await_instance(
            instance_id=self.id,
            line=lambda: place_of(place),
            arrival=self._arrival(converter_of(runtime)),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InstanceRef) and other.id == self.id

    def __hash__(self) -> int:
        return hash(("durable_async.InstanceRef", self.id))

    def __repr__(self) -> str:
        return f"InstanceRef({self.id!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return InstanceRef, (self.id,)

    @classmethod
    def __durable_hooks__(cls, hint: Any) -> tuple[Lower, Lift]:
        """How `convert` stores it; see `convert.hooks`."""
        return _hooks(hint)


def _ref(id: str, arrival: Callable[[Converter], Arrival[R]]) -> InstanceRef[R]:
    ref: InstanceRef[R] = InstanceRef(id)
    ref._arrival = arrival
    return ref


def _arrival_under(hint: Any) -> Callable[[Converter], Arrival[Any]]:
    return lambda converter: hint_arrival(converter, hint, "the result of the instance")


def _hooks(hint: Any) -> tuple[Lower, Lift]:
    words = describe(hint)
    (result,) = typing.get_args(hint) or (Any,)

    def lower(value: Any) -> Any:
        if type(value) is not InstanceRef:
            raise RefusedError(value, words)
        return {"id": value.id}

    def lift(value: Any, _: Any) -> Any:
        match value:
            case {"id": str(id), **surplus} if id and not surplus:
                return _ref(id, _arrival_under(result))
            case _:
                raise RefusedError(value, words)

    return lower, lift


# ---- starting ----------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class _Wanted:
    """What is to be started."""

    call: OrchestratorCall[Any]
    id: str | None
    tags: dict[str, str]
    start_at: datetime | None
    if_exists: IfExists


def start(
    call: Coroutine[Any, Any, R],
    *,
    id: str | None = None,
    start_at: datetime | None = None,
    tags: Mapping[str, str] | None = None,
    if_exists: IfExists = "raise",
) -> Coroutine[Any, Any, InstanceRef[R]]:
    """Start a detached instance, which lives on when this one has ended; awaited until there is
    one.

    call: an orchestrator called with its arguments, and not awaited: `ship("o-1")`. id: 1 to 255
    characters; by default derived from this execution's. start_at: not before (aware). tags: for
    finding it again. if_exists: as of `client.start`.
    In an operation of an entity it returns at once, and the instance is started when the operation
    is committed; that an id is taken is only logged there.
    Raises: InstanceAlreadyExistsError; SerializationError if an argument does not fit its type
    hint; TypeError if `call` is no call of an orchestrator; ValueError for an id, a time or a tag
    that cannot be; OutsideOrchestratorError elsewhere (activities use a client).
    Records: InstanceStarted, then CallCompleted or CallFailed. Cancelling the wait does not undo
    the start.
    Known elsewhere as: Azure's start_new from an orchestration, Temporal's children with
    ParentClosePolicy ABANDON.
    """
    runtime, operation = running(), operating()
    if runtime is None and operation is None:
        if isinstance(call, OrchestratorCall):
            call.taken()
        raise OutsideOrchestratorError(
            "da.start starts an instance from inside an orchestrator, or an operation of an "
            f"entity, and neither runs here. {_USE_A_CLIENT}`await client.start(...)`"
        )
    called = orchestrator_call(call, "da.start")
    orchestrator = called.orchestrator
    if if_exists not in ("raise", "attach", "replace"):
        raise ValueError(f'if_exists is "raise", "attach" or "replace", not {if_exists!r}')
    named = said_once(orchestrator, "da.start", "id", orchestrator.id, id)
    wanted = _Wanted(
        call=called,
        id=None if named is None else checked_id(named),
        tags=checked_tags(
            said_once(orchestrator, "da.start", "tags", orchestrator.tags or None, tags)
        ),
        start_at=None if start_at is None else in_utc(start_at, what="start_at"),
        if_exists=if_exists,
    )
    if runtime is not None:
        return _start(runtime, wanted, user_place(2))
    assert operation is not None
    return _start_in_operation(operation, wanted)


async def _start(
    runtime: OrchestratorRuntime, wanted: _Wanted, place: Place | None
) -> InstanceRef[Any]:
    orchestrator = wanted.call.orchestrator
    payload, fingerprint = wanted.call.issue(runtime)
    instance_id, ready = runtime.start_instance(
        id=wanted.id,
        name=orchestrator.name,
        version=orchestrator.version,
        newest=orchestrator.newest,
        input=payload,
        fingerprint=fingerprint,
        queue=orchestrator.queue or DEFAULT_QUEUE,
        tags=wanted.tags,
        start_at=wanted.start_at,
        if_exists=wanted.if_exists,
        line=lambda: place_of(place),
        definition=orchestrator,
    )
    await ready
    return _ref(instance_id, orchestrator.arrival)


async def _start_in_operation(operation: EntityRuntime, wanted: _Wanted) -> InstanceRef[Any]:
    orchestrator = wanted.call.orchestrator
    payload, _ = wanted.call.encode(converter_of(operation))
    instance_id = operation.start_instance(
        id=wanted.id,
        name=orchestrator.name,
        version=orchestrator.version,
        newest=orchestrator.newest,
        input=payload,
        queue=orchestrator.queue or DEFAULT_QUEUE,
        tags=wanted.tags,
        start_at=wanted.start_at,
        if_exists=wanted.if_exists,
    )
    return _ref(instance_id, orchestrator.arrival)


# What Python's own warning calls them, if they are never awaited.
_start.__qualname__ = _start_in_operation.__qualname__ = "da.start"
InstanceRef._wait_for_result.__qualname__ = "InstanceRef.result"


# ---- telling -----------------------------------------------------------------------------------


def send_event(instance_id: str, name: str, data: Any = None) -> None:
    """Raise an event in another instance, which takes it by `wait_for_event(name)`. Issued at once,
    not awaited, and in no need of an answer: to an unknown or ended instance it is dropped, and
    logged there where the episode was committed.

    data: anything with an unambiguous stored form. From one sender to one receiver events arrive
    in the order in which they were sent.
    Raises: ValueError for an empty name or an id that cannot be; SerializationError;
    OutsideOrchestratorError elsewhere than in an orchestrator or an operation of an entity.
    Records: EventSent.
    Known elsewhere as: Azure's and Temporal's signals from a workflow, DBOS send.
    """
    _send_event(instance_id, name, data, user_place(2), function="send_event")


def _send_event(
    instance_id: str, name: str, data: Any, place: Place | None, *, function: str
) -> None:
    operation = operating()
    runtime: OrchestratorRuntime | None = None
    if operation is None:
        advice = f"{_USE_A_CLIENT}`await client.handle(id).raise_event(name, data)`"
        runtime = required(function, advice)
    checked_id(instance_id)
    check_text(name, what="the name of an event")
    what = f"the data of event {name!r}"
    if runtime is not None:
        payload = encoded(runtime, data, what=what)
        runtime.send_event(
            instance_id=instance_id, name=name, data=payload, line=lambda: place_of(place)
        )
    elif operation is not None:
        payload = converter_of(operation).encode(data, Any, what=what)
        operation.send_event(instance_id=instance_id, name=name, data=payload)


# ---- going on ----------------------------------------------------------------------------------


def continue_as_new(call: Coroutine[Any, Any, Any], *, events: CarryEvents = "carry") -> NoReturn:
    """End this execution here, and go on as `call` with a fresh history: the same instance id, a
    new execution id. Not awaited, and never returns.

    For what runs for ever, as in `da.continue_as_new(monitor(n + 1))`. It holds whatever stands
    around it: no `except`, `finally`, group or other task undoes it, and durable awaits after it
    do nothing. Timers, activities and children of this execution are cancelled, its locks
    released; what it has sent is delivered; the custom status is cleared.
    events: "carry" hands events and requests that nobody has taken on to the new execution, in
    order, with those that are under way; "drop" forgets them. Who asked something that was taken
    and not answered, or is forgotten, gets RequestRejectedError. `.options(queue=, tags=)` of the
    call change those of the instance; without them it keeps its own.
    Raises: TypeError if `call` is no call of an orchestrator, or names another id; ValueError;
    InvalidStateError in a task that cleans up after the main coroutine has ended;
    OutsideOrchestratorError.
    Records: ExecutionContinued, and nothing after it.
    Known elsewhere as: continue_as_new (Azure, Temporal).
    """
    if isinstance(call, OrchestratorCall):
        call.taken()  # or where it is refused it would also warn that it was not awaited
    runtime = required("continue_as_new")
    called = orchestrator_call(call, "da.continue_as_new")
    if events not in ("carry", "drop"):
        raise ValueError(f'events is "carry" or "drop", not {events!r}')
    orchestrator = called.orchestrator
    own = runtime.info().instance_id
    if orchestrator.id is not None and orchestrator.id != own:
        raise TypeError(
            f"an instance keeps its id when it continues as new: this one is {own!r}, and .options "
            f"has id={orchestrator.id!r}. Leave it out, or start another instance with da.start"
        )
    payload, fingerprint = called.issue(runtime)
    place = user_place(2)
    runtime.continue_as_new(
        name=orchestrator.name,
        version=orchestrator.version,
        newest=orchestrator.newest,
        input=payload,
        fingerprint=fingerprint,
        queue=orchestrator.queue,
        tags=dict(orchestrator.tags) or None,
        carry=events == "carry",
        line=lambda: place_of(place),
        definition=orchestrator,
    )


# ---- helpers -----------------------------------------------------------------------------------


def orchestrator_call(call: object, taker: str) -> OrchestratorCall[Any]:
    """What `taker` was given. Raises: TypeError if that is no call of an orchestrator."""
    if isinstance(call, OrchestratorCall):
        call.taken()  # it has not been forgotten, whatever comes of it
        return call
    if isinstance(call, ActivityCall):
        call.taken()
        name = call.activity.name
        raise TypeError(
            f"{taker} takes the call of an orchestrator, and {name} is an activity: await "
            f"{name}(...) inside an orchestrator, and give the call of that to {taker}"
        )
    if isinstance(call, Orchestrator):
        raise TypeError(f"{call.name} is not called: write {taker}({call.name}(...))")
    if isinstance(call, Coroutine):
        call.close()  # or it would warn that it was never awaited, which is not the point
        title = getattr(call, "__qualname__", repr(call))
        raise TypeError(
            f"{taker} takes the call of an orchestrator, and {title} is a plain coroutine: put "
            "@da.orchestrator on its function"
        )
    raise TypeError(f"{taker} takes the call of an orchestrator, as ship('o-1'), not {call!r}")
