"""Time, chance, events, changes and effects that replay alike. Invariant: each reads what the
execution knows, or records what it brought; elsewhere it is its plain counterpart, or refuses."""

from __future__ import annotations

import asyncio
import inspect
import random as _random
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, overload

from durable_async.convert.arguments import ResultConverter
from durable_async.convert.durations import Duration, seconds
from durable_async.convert.failures import exception_of, failure_of_exception
from durable_async.convert.texts import check_text, in_utc
from durable_async.dsl.arrivals import HintArrival, hint_arrival
from durable_async.dsl.context import (
    converter_of,
    operating,
    refuse_in_operation,
    required,
    running,
    sealed,
    seed_of,
)
from durable_async.errors import PayloadTooLargeError
from durable_async.lines import Place, place_of, user_place
from durable_async.model.failure import Failure
from durable_async.model.payload import Payload
from durable_async.ports import EntityRuntime, OrchestratorRuntime

if TYPE_CHECKING:
    from typing_extensions import TypeForm

__all__ = [
    "CUSTOM_STATUS_LIMIT",
    "events",
    "now",
    "patched",
    "random",
    "set_custom_status",
    "side_effect",
    "sleep",
    "sleep_until",
    "uuid4",
    "wait_for_event",
]

P = ParamSpec("P")
T = TypeVar("T")

CUSTOM_STATUS_LIMIT: Final = 64 * 1024
"""Bytes that a custom status may have: it is written with every episode that changes it."""


# ---- time ------------------------------------------------------------------------------------


def now() -> datetime:
    """The time (UTC, aware) at which this episode began, by the engine's clock.

    Constant between two waits, never going back, the same at replay. In an operation of an entity:
    when it began. Elsewhere: the system's clock. Records nothing of its own: EpisodeStarted holds
    the time.
    Known elsewhere as: Azure current_utc_datetime, Temporal workflow.now.
    """
    place = running() or operating()
    return datetime.now(UTC) if place is None else place.now()


def sleep(delay: Duration) -> Coroutine[Any, Any, None]:
    """Wait `delay` of durable time; a restart in between costs nothing.

    delay: a timedelta, or seconds; zero or less yields once and records nothing. Outside an
    orchestrator: asyncio.sleep.
    Raises: ValueError, at the call, if NaN or infinite; asyncio.CancelledError if the wait is
    cancelled.
    Records: TimerStarted, then TimerFired or TimerCancelled.
    Known elsewhere as: asyncio.sleep, Azure create_timer, Temporal workflow.sleep.
    """
    return asyncio.sleep(seconds(delay, what="the delay of da.sleep", negative=True))


def sleep_until(when: datetime) -> Coroutine[Any, Any, None]:
    """Wait until a moment; at once if it has passed.

    when: with a time zone.
    Raises: at the call, TypeError if it is no datetime, ValueError if it has no zone, and
    OutsideOrchestratorError; asyncio.CancelledError if the wait is cancelled.
    Records: as `sleep`; nothing if the moment has passed.
    Known elsewhere as: Azure create_timer.
    """
    moment = in_utc(when, what="the moment of da.sleep_until")
    return _sleep_until(moment, required("sleep_until"))


async def _sleep_until(moment: datetime, runtime: OrchestratorRuntime) -> None:
    await asyncio.sleep((moment - runtime.now()).total_seconds())


# ---- chance ----------------------------------------------------------------------------------


def uuid4() -> uuid.UUID:
    """A UUID that no other call has, and that is the same at replay.

    Derived from the execution and how many were made before; it takes nothing from the
    streams of `da.random`. In an operation of an entity: no other operation has it. Elsewhere, and
    in a side effect: uuid.uuid4. Records nothing.
    Known elsewhere as: Azure new_uuid, Temporal workflow.uuid4.
    """
    seeded = _seeded()
    if seeded is None:
        return uuid.uuid4()
    place, seed = seeded
    return uuid.UUID(bytes=seed_of(seed, "uuid4", place.count("uuid4")), version=4)


def random(name: str = "") -> _random.Random:
    """A stream of random numbers, the same at replay; one per execution and name.

    name: give each independent part of the code its own, so that a change of one does not
    shift the numbers of the others. In an operation of an entity: one per operation and name.
    Elsewhere, and in a side effect: a freshly seeded one.
    Not for secrets: whoever knows the execution id knows the numbers. Records nothing.
    Known elsewhere as: Temporal workflow.random.
    """
    seeded = _seeded()
    if seeded is None:
        return _random.Random()  # noqa: S311  # not for secrets, as said above
    place, seed = seeded
    own = seed_of(seed, "random", name)
    return place.keep(f"random/{name}", lambda: _random.Random(own))  # noqa: S311


def _seeded() -> tuple[OrchestratorRuntime | EntityRuntime, str] | None:
    """Where the calling code runs, and what makes its chance its own; None in ordinary code, and in
    a side effect: what it draws is recorded, and must not be drawn again by what replay runs."""
    runtime = running()
    if runtime is not None:
        return None if runtime.is_performing() else (runtime, runtime.info().execution_id)
    operation = operating()
    return None if operation is None else (operation, operation.seed().hex())


# ---- events ----------------------------------------------------------------------------------


@overload
def wait_for_event(name: str, /) -> Coroutine[Any, Any, Any]: ...
@overload
def wait_for_event(name: str, type: TypeForm[T], /) -> Coroutine[Any, Any, T]: ...
def wait_for_event(name: str, type: Any = Any, /) -> Coroutine[Any, Any, Any]:
    """Wait for an external event; one that came earlier and was not taken is taken at once.

    name: matched exactly. type: the data's type, `int | None` and the like included; without
    one, plain JSON types. Waiters are served first come, first served; a cancelled waiter
    swallows no event.
    Raises: ValueError for an empty name; SerializationError, at the call, for a type that has no
    stored form, and later if the data does not fit (the event is consumed);
    OutsideOrchestratorError.
    Records: EventAwaited, and EventReceived when it comes.
    Known elsewhere as: Azure wait_for_external_event, Temporal signals, DBOS recv.
    """
    refuse_in_operation(f"event {name!r} is awaited")
    runtime = required("wait_for_event")
    check_text(name, what="the name of an event")
    return _wait_for_event(runtime, name, _arrival(runtime, name, type), user_place(2))


def _arrival(runtime: OrchestratorRuntime, name: str, hint: Any) -> HintArrival[Any]:
    return hint_arrival(converter_of(runtime), hint, f"the data of event {name!r}")


async def _wait_for_event(
    runtime: OrchestratorRuntime, name: str, arrival: HintArrival[Any], place: Place | None
) -> Any:
    return await runtime.wait_for_event(name=name, line=lambda: place_of(place), arrival=arrival)


# What Python's own warning calls it, if it is never awaited.
_wait_for_event.__qualname__ = "da.wait_for_event"


@overload
def events(name: str, /) -> AsyncIterator[Any]: ...
@overload
def events(name: str, type: TypeForm[T], /) -> AsyncIterator[T]: ...
def events(name: str, type: Any = Any, /) -> AsyncIterator[Any]:
    """External events of a name, one after the other, without end: `async for data in ...`.

    As many calls of `wait_for_event`, with the same order, errors and records.
    Known elsewhere as: Restate's and Temporal's loops over signals.
    """
    refuse_in_operation(f"events {name!r} are awaited")
    runtime = required("events")
    check_text(name, what="the name of an event")
    return _EventStream(name, _arrival(runtime, name, type), user_place(2))


class _EventStream(AsyncIterator[Any]):
    """Not an async generator: leaving the loop early leaves nothing to be closed."""

    def __init__(self, name: str, arrival: HintArrival[Any], place: Place | None) -> None:
        self._name = name
        self._arrival = arrival
        self._place = place

    async def __anext__(self) -> Any:
        return await _wait_for_event(required("events"), self._name, self._arrival, self._place)


# ---- changes of the code -----------------------------------------------------------------------


def patched(id: str, /) -> bool:
    """Whether this execution takes the new way of changed code: `if da.patched("ship-2"): ...`.

    True where an execution comes by for the first time, which is recorded; False where its history
    has gone past this place without it, so that it was the old code that ran there; and so it stays
    for the whole execution, wherever else it is asked. It is no command: the call may be removed,
    and the old way with it, once no live execution went by without it (`durable patches`).
    id: any text; a new one for each change.
    Raises: ValueError for an empty id; OutsideOrchestratorError.
    Records: PatchMarked, when it is True for the first time.
    Known elsewhere as: Temporal workflow.patched, DBOS patch.
    """
    runtime = required("patched")
    check_text(id, what="the id of a patch")
    return runtime.patched(id)


# ---- effects ---------------------------------------------------------------------------------


def side_effect(fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a small synchronous function once and record what it gave; replay gives the same.

    For what is quick and harmless to repeat, such as reading a setting: it may run again if a
    crash comes before this episode's commit. Its exception is recorded and raised likewise.
    fn: its return annotation says how the value is read back. Durable calls and new tasks are
    refused in it, as replay passes it over.
    Raises: TypeError for an `async def` (await an activity instead); SerializationError, before it
    is run if its annotation has no stored form; OutsideOrchestratorError.
    Records: SideEffectRecorded.
    Known elsewhere as: Temporal (Go, Java) SideEffect, DBOS steps, Restate run.
    """
    runtime = required("side_effect")
    if inspect.iscoroutinefunction(fn):
        raise TypeError(
            f"da.side_effect takes a plain function, and {fn.__qualname__} is async: make it an "
            "activity and await that"
        )
    if not callable(fn):
        raise TypeError(
            "da.side_effect takes a function and its arguments, as in da.side_effect(roll, 6), and "
            f"not what it gave: {fn!r}"
        )
    converter = converter_of(runtime)
    name = getattr(fn, "__qualname__", type(fn).__name__)
    results = ResultConverter(converter, fn, name=name)
    results.check_form()
    place = user_place(2)

    def perform() -> Payload | Failure:
        try:
            return results.encode(fn(*args, **kwargs))
        except Exception as error:
            return failure_of_exception(error, converter=converter)

    outcome = runtime.side_effect(name=name, line=lambda: place_of(place), perform=perform)
    if isinstance(outcome, Failure):
        raise exception_of(outcome, converter=converter)
    value: T = results.decode(outcome)
    return value


def set_custom_status(value: Any) -> None:
    """Show `value` as this instance's `custom_status` to whoever looks.

    value: of plain JSON types or anything with an unambiguous stored form, 64 KiB at most; None
    clears it. Visible when the episode commits, that is at the next wait. Records nothing.
    Raises: SerializationError; PayloadTooLargeError; OutsideOrchestratorError.
    Known elsewhere as: Azure set_custom_status.
    """
    runtime = required("set_custom_status")
    if value is None:
        runtime.set_custom_status(None)
        return
    what = "the custom status"
    payload = converter_of(runtime).unsealed.encode(value, Any, what=what)
    if len(payload.data) > CUSTOM_STATUS_LIMIT:
        raise PayloadTooLargeError(
            f"the custom status has {len(payload.data):,} bytes, the limit is "
            f"{CUSTOM_STATUS_LIMIT:,}: show a summary, and keep the data in an activity's result"
        )
    runtime.set_custom_status(sealed(runtime, payload, what=what))
