"""Random orchestrators: small programs, and what runs them.

Invariant: a program is a value. Running it uses nothing but asyncio, anyio and the facade of
`tests.loop.steps`, so that plain asyncio runs it too, unless it needs what only an execution has.
"""

import asyncio
import contextlib
import itertools
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import anyio
import attrs
from hypothesis import strategies as st
from tests.loop.steps import Declined

from durable_async.errors import NotDurableError

__all__ = [
    "Program",
    "awaited",
    "body",
    "delayed",
    "ordered_programs",
    "programs",
]


@attrs.frozen
class Act:
    takes: float
    fails: bool = False


@attrs.frozen
class Patient:
    """An activity whose cancellation is waited for."""

    takes: float


@attrs.frozen
class Child:
    takes: float
    fails: bool = False


@attrs.frozen
class Call:
    """An operation of an entity."""

    takes: float
    fails: bool = False


@attrs.frozen
class Sleep:
    delay: float


@attrs.frozen
class Pause:
    """A turn for the others, and nothing else."""


@attrs.frozen
class Event:
    name: str


@attrs.frozen
class Request:
    """A request of this name, which is answered."""

    name: str


@attrs.frozen
class Other:
    """Another instance: started, then its result awaited."""


@attrs.frozen
class Tell:
    """Messages that nobody waits for."""

    name: str


@attrs.frozen
class Patch:
    """Where code has changed; its value is whether this is the new way."""

    name: str


@attrs.frozen
class GoOn:
    """The execution goes on as new, from here."""


@attrs.frozen
class Effect:
    """A side effect; its value is recorded."""


@attrs.frozen
class Status:
    value: int


@attrs.frozen
class Note:
    """What time it is, noted in the trace."""


@attrs.frozen
class Foreign:
    """An await of what no orchestrator can wait for."""


@attrs.frozen
class Sequence:
    parts: tuple["Program", ...]


@attrs.frozen
class Gather:
    parts: tuple["Program", ...]
    quiet: bool


@attrs.frozen
class Group:
    parts: tuple["Program", ...]


@attrs.frozen
class AnyioGroup:
    parts: tuple["Program", ...]


@attrs.frozen
class SetOfTasks:
    """Awaited in the order in which a set has them."""

    parts: tuple["Program", ...]


@attrs.frozen
class Race:
    """The first that ends; the others are cancelled."""

    parts: tuple["Program", ...]


@attrs.frozen
class InOrder:
    """`as_completed`."""

    parts: tuple["Program", ...]


@attrs.frozen
class Generated:
    """An async generator over the parts, left after `taken` of them."""

    parts: tuple["Program", ...]
    taken: int


@attrs.frozen
class Timeout:
    limit: float
    part: "Program"


@attrs.frozen
class WaitFor:
    limit: float
    part: "Program"


@attrs.frozen
class MoveOn:
    limit: float
    part: "Program"


@attrs.frozen
class Shielded:
    part: "Program"


@attrs.frozen
class Locked:
    part: "Program"


@attrs.frozen
class Section:
    """Under a durable lock, of which there is one."""

    part: "Program"


@attrs.frozen
class Leftover:
    """A task that nobody awaits."""

    part: "Program"


@attrs.frozen
class Cancelled:
    """A task that is cancelled when something else is done."""

    part: "Program"
    after: "Program"


@attrs.frozen
class Attempt:
    """try, except, finally."""

    part: "Program"
    handler: "Program"
    cleanup: "Program"


Leaf = (
    Act
    | Patient
    | Child
    | Call
    | Sleep
    | Pause
    | Event
    | Request
    | Other
    | Tell
    | Patch
    | GoOn
    | Effect
    | Status
    | Note
    | Foreign
)
Branch = Sequence | Gather | Group | AnyioGroup | SetOfTasks | Race | InOrder | Generated
Wrapper = Timeout | WaitFor | MoveOn | Shielded | Locked | Section | Leftover | Cancelled | Attempt
Program = Leaf | Branch | Wrapper


# ---- running ---------------------------------------------------------------------------------


@attrs.define
class _Scope:
    """What the parts of one run share."""

    steps: Any
    lock: asyncio.Lock = attrs.field(factory=asyncio.Lock)
    generators: list[Any] = attrs.field(factory=list)

    def tasks(self, parts: tuple[Program, ...]) -> list["asyncio.Task[Any]"]:
        return [
            asyncio.create_task(self.run(part), name=str(number))
            for number, part in enumerate(parts)
        ]

    async def run(self, program: Program) -> Any:
        return await _RUN[type(program)](self, program)


def body(program: Program) -> Callable[[Any], Coroutine[Any, Any, Any]]:
    """The program as an orchestrator. Its result says what it returned, or what it raised."""

    async def orchestrator(steps: Any) -> Any:
        try:
            return ["returned", await _Scope(steps).run(program)]
        except (Exception, asyncio.CancelledError) as error:
            # anyio's scopes do not know their own cancellation again after a gather.
            return ["raised", _told(error)]

    return orchestrator


def _told(error: BaseException) -> Any:
    if isinstance(error, BaseExceptionGroup):
        return [type(error).__name__, sorted(map(str, map(_told, error.exceptions)))]
    return type(error).__name__


async def _act(scope: _Scope, program: Act) -> Any:
    return await scope.steps.act(1, takes=program.takes, fails=program.fails)


async def _patient(scope: _Scope, program: Patient) -> Any:
    return await scope.steps.act(1, takes=program.takes, patient=True)


async def _child(scope: _Scope, program: Child) -> Any:
    return await scope.steps.child(1, takes=program.takes, fails=program.fails)


async def _call(scope: _Scope, program: Call) -> Any:
    return await scope.steps.call(1, takes=program.takes, fails=program.fails)


async def _request(scope: _Scope, program: Request) -> Any:
    return await scope.steps.request(program.name)


async def _other(scope: _Scope, program: Other) -> Any:
    await scope.steps.detached()
    return await scope.steps.result_of("other")


async def _tell(scope: _Scope, program: Tell) -> Any:
    scope.steps.tell(program.name)


async def _patch(scope: _Scope, program: Patch) -> Any:
    return scope.steps.patched(program.name)


async def _go_on(scope: _Scope, program: GoOn) -> Any:
    scope.steps.go_on()


async def _sleep(scope: _Scope, program: Sleep) -> Any:
    return await asyncio.sleep(program.delay, "slept")


async def _pause(scope: _Scope, program: Pause) -> Any:
    await asyncio.sleep(0)


async def _event(scope: _Scope, program: Event) -> Any:
    return await scope.steps.event(program.name)


async def _effect(scope: _Scope, program: Effect) -> Any:
    return scope.steps.effect("effect")


async def _status(scope: _Scope, program: Status) -> Any:
    scope.steps.status(program.value)


async def _note(scope: _Scope, program: Note) -> Any:
    scope.steps.note(asyncio.get_running_loop().time())


async def _foreign(scope: _Scope, program: Foreign) -> Any:
    with contextlib.closing(asyncio.new_event_loop()) as other:
        try:
            await other.create_future()
        except NotDurableError:
            return "refused"


async def _sequence(scope: _Scope, program: Sequence) -> Any:
    return [await scope.run(part) for part in program.parts]


async def _gather(scope: _Scope, program: Gather) -> Any:
    waits = (scope.run(part) for part in program.parts)
    values = await asyncio.gather(*waits, return_exceptions=program.quiet)
    return [_told(value) if isinstance(value, BaseException) else value for value in values]


async def _group(scope: _Scope, program: Group) -> Any:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(scope.run(part)) for part in program.parts]
    return [task.result() for task in tasks]


async def _anyio_group(scope: _Scope, program: AnyioGroup) -> Any:
    async with anyio.create_task_group() as group:
        for part in program.parts:
            group.start_soon(scope.run, part)


async def _set_of_tasks(scope: _Scope, program: SetOfTasks) -> Any:
    tasks = set(scope.tasks(program.parts))
    names = []
    for task in tasks:
        await asyncio.wait([task])
        names.append(task.get_name())
        scope.steps.note(task.get_name())
        await scope.steps.act(1)
    for task in tasks:
        _ = task.cancelled() or task.exception()
    return sorted(names)


async def _race(scope: _Scope, program: Race) -> Any:
    tasks = scope.tasks(program.parts)
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        winners = sorted(task.get_name() for task in done)
    finally:
        for task in tasks:
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return winners


async def _in_order(scope: _Scope, program: InOrder) -> Any:
    tasks = scope.tasks(program.parts)
    values = []
    for finished in asyncio.as_completed(tasks):
        try:
            values.append(await finished)
        except Exception as error:
            values.append(_told(error))
    return values


async def _generated(scope: _Scope, program: Generated) -> Any:
    async def generator() -> AsyncIterator[Any]:
        try:
            for part in program.parts:
                yield await scope.run(part)
        finally:
            scope.steps.note("generator closes")

    opened = generator()
    scope.generators.append(opened)  # so that the collector does not close it
    values: list[Any] = []
    while len(values) < program.taken:
        try:
            values.append(await anext(opened))
        except StopAsyncIteration:
            break
    return values


async def _timeout(scope: _Scope, program: Timeout) -> Any:
    async with asyncio.timeout(program.limit):
        return await scope.run(program.part)


async def _wait_for(scope: _Scope, program: WaitFor) -> Any:
    return await asyncio.wait_for(scope.run(program.part), program.limit)


async def _move_on(scope: _Scope, program: MoveOn) -> Any:
    with anyio.move_on_after(program.limit):
        return await scope.run(program.part)
    return "moved on"


async def _shielded(scope: _Scope, program: Shielded) -> Any:
    return await asyncio.shield(scope.run(program.part))


async def _locked(scope: _Scope, program: Locked) -> Any:
    async with scope.lock:
        return await scope.run(program.part)


async def _section(scope: _Scope, program: Section) -> Any:
    async with scope.steps.lock("the lock"):
        return await scope.run(program.part)


async def _leftover(scope: _Scope, program: Leftover) -> Any:
    asyncio.create_task(scope.run(program.part))
    return "left"


async def _cancelled(scope: _Scope, program: Cancelled) -> Any:
    task = asyncio.create_task(scope.run(program.part))
    try:
        await scope.run(program.after)
    finally:
        task.cancel("by the program")
    return (await _gather_one(task))[0]


async def _gather_one(task: Awaitable[Any]) -> list[Any]:
    values = await asyncio.gather(task, return_exceptions=True)
    return [_told(value) if isinstance(value, BaseException) else value for value in values]


async def _attempt(scope: _Scope, program: Attempt) -> Any:
    try:
        return await scope.run(program.part)
    except (Declined, TimeoutError, ExceptionGroup) as error:
        scope.steps.note(_told(error))
        return await scope.run(program.handler)
    finally:
        await scope.run(program.cleanup)


_RUN: dict[type, Callable[[_Scope, Any], Awaitable[Any]]] = {
    Act: _act,
    Patient: _patient,
    Child: _child,
    Call: _call,
    Request: _request,
    Other: _other,
    Tell: _tell,
    Patch: _patch,
    GoOn: _go_on,
    Section: _section,
    Sleep: _sleep,
    Pause: _pause,
    Event: _event,
    Effect: _effect,
    Status: _status,
    Note: _note,
    Foreign: _foreign,
    Sequence: _sequence,
    Gather: _gather,
    Group: _group,
    AnyioGroup: _anyio_group,
    SetOfTasks: _set_of_tasks,
    Race: _race,
    InOrder: _in_order,
    Generated: _generated,
    Timeout: _timeout,
    WaitFor: _wait_for,
    MoveOn: _move_on,
    Shielded: _shielded,
    Locked: _locked,
    Leftover: _leftover,
    Cancelled: _cancelled,
    Attempt: _attempt,
}


# ---- making ----------------------------------------------------------------------------------

_ORDERED_LEAVES = (Act, Child, Call, Sleep, Event, Pause, Note)
_ORDERED = (
    Sequence, Gather, Group, Race, InOrder, Timeout, WaitFor, MoveOn, Shielded, Cancelled, Attempt,
)  # fmt: skip
_OFTEN = (*_ORDERED_LEAVES, Patient, Effect, Status, Foreign, Request, Other, Tell, Patch)
_LEAVES = (*_OFTEN, *_OFTEN, *_OFTEN, GoOn)
_ALL = (*_ORDERED, AnyioGroup, SetOfTasks, Generated, Locked, Section, Leftover)

_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "takes": st.integers(0, 5).map(float),
    "fails": st.sampled_from((False, False, False, True)),
    "delay": st.integers(1, 6).map(float),
    "limit": st.integers(1, 6).map(float),
    "name": st.sampled_from(("a", "b")),
    "value": st.integers(0, 3),
    "quiet": st.booleans(),
    "taken": st.integers(0, 3),
}
_WIDTH = st.integers(1, 4)


def _drawn(draw: Any, leaves: tuple[type, ...], others: tuple[type, ...], depth: int) -> Program:
    kind = draw(st.sampled_from(leaves if depth == 0 else (*leaves, *others)))
    values: dict[str, Any] = {}
    for field in attrs.fields(kind):
        if field.name == "parts":
            parts = range(draw(_WIDTH))
            values["parts"] = tuple(_drawn(draw, leaves, others, depth - 1) for _ in parts)
        elif field.name in _FIELDS:
            values[field.name] = draw(_FIELDS[field.name])
        else:
            values[field.name] = _drawn(draw, leaves, others, depth - 1)
    program: Program = kind(**values)
    return program


def _is_prime(number: int) -> bool:
    return all(number % divisor for divisor in range(2, math.isqrt(number) + 1))


def delayed(program: Program) -> Program:
    """The same program, no two sums of whose delays are alike: nothing is due at once."""
    # Square roots of primes: no sum of some is a sum of others.
    numbers = filter(_is_prime, itertools.count(2))

    def shift(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(shift(part) for part in value)
        if isinstance(value, float):
            # Nothing at all stays nothing at all: what takes no time ends in order of issue.
            return value and value + math.sqrt(next(numbers)) % 1 / 10
        if attrs.has(type(value)):
            fields = {
                field.name: shift(getattr(value, field.name)) for field in attrs.fields(type(value))
            }
            return type(value)(**fields)
        return value

    shifted: Program = shift(program)
    return shifted


def awaited(program: Program) -> list[Event | Request]:
    """All events and requests that the program waits for somewhere."""
    if isinstance(program, Event | Request):
        return [program]
    names: list[Event | Request] = []
    for field in attrs.fields(type(program)):
        value = getattr(program, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if attrs.has(type(part)):
                names += awaited(part)
    return names


@st.composite
def programs(draw: Any) -> Program:
    """Whatever an orchestrator may do."""
    return delayed(_drawn(draw, _LEAVES, _ALL, depth=3))


@st.composite
def ordered_programs(draw: Any) -> Program:
    """What plain asyncio does in one order only, whatever its sets look like."""
    return delayed(_drawn(draw, _ORDERED_LEAVES, _ORDERED, depth=3))
