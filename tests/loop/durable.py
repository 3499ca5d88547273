"""A construct as an orchestrator, and the outside world that answers it.

Invariant: what the world does next depends on its seed and on the commands that it was given,
never on how the execution is kept. So a kept and a rebuilt run see the same news.
"""

import asyncio
import gc
import itertools
import json
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import attrs
from tests.loop.plain import EVENT_RANK, WORK_RANK
from tests.loop.steps import Construct, Declined, Scripted

from durable_async.core.episode import Execution
from durable_async.model.commands import (
    AwaitEvent,
    AwaitInstance,
    CallEntity,
    CancelActivity,
    CancelChild,
    CancelEntityCall,
    CancelEventWait,
    CancelInstanceWait,
    CancelTimer,
    Command,
    ReleaseLock,
    RequestLock,
    ScheduleActivity,
    StartChild,
    StartInstance,
    StartTimer,
)
from durable_async.model.failure import Failure
from durable_async.model.history import (
    FORMAT,
    ActivityCancelled,
    ActivityCompleted,
    ActivityFailed,
    CallCompleted,
    CallFailed,
    CancelRequested,
    Delivered,
    EventReceived,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    HistoryEvent,
    TimerFired,
)
from durable_async.model.history import Recorded as RecordedEvent
from durable_async.model.identity import NAMED_LOCK, EntityId
from durable_async.model.outcome import Outcome
from durable_async.model.payload import Payload

__all__ = ["START", "Code", "Recorded", "World", "drive", "run_durable", "started"]

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
_TIMER_RANK = max(EVENT_RANK, WORK_RANK) + 1
_EPISODES = 2_000
_CLEANING_UP = 2.2
"""Seconds that a cancelled activity takes to end, if somebody waits for that."""


def to_payload(value: Any) -> Payload:
    return Payload(json.dumps(value).encode())


def from_payload(payload: Payload) -> Any:
    return json.loads(payload.data)


class Arrival:
    """Integers, JSON data and `Declined` are all that ever arrives here."""

    def value(self, payload: Payload) -> Any:
        return from_payload(payload)

    def error(self, failure: Failure, **how: Any) -> BaseException:
        return Declined(int(failure.message))


ARRIVAL = Arrival()
ENTITY = EntityId("Counter", "k")


def _runtime() -> Any:
    loop: Any = asyncio.get_running_loop()
    return loop.durable_runtime


class DurableSteps:
    """The same facade as in plain code; each activity is a command, each event a wait."""

    def __init__(
        self, *, collect: bool, effects: Iterator[int], go_on_at: int | None = None
    ) -> None:
        """go_on_at: which activity, by number, is replaced by going on as new."""
        self.trace: list[Any] = []
        self._collect = collect
        self._effects = effects
        self._start = 0.0
        self._acts = 0
        self._go_on_at = go_on_at

    def begin(self) -> None:
        self._start = asyncio.get_running_loop().time()

    async def act(
        self, x: int, *, takes: float = 0.0, fails: bool = False, patient: bool = False
    ) -> int:
        """patient: a cancel waits until the activity has come to its end."""
        self._step()
        self._acts += 1
        if self._acts - 1 == self._go_on_at:
            self.go_on()
        return await _runtime().schedule_activity(
            name="act",
            input=to_payload([x, takes, fails]),
            fingerprint=x,
            options=None,
            wait_for_cancel=patient,
            line="",
            arrival=ARRIVAL,
        )

    async def child(self, x: int, *, takes: float = 0.0, fails: bool = False) -> int:
        self._step()
        _, future = _runtime().start_child(
            id=None,
            name="child",
            version=None,
            newest=False,
            input=to_payload([x, takes, fails]),
            fingerprint=x,
            queue="default",
            tags={},
            line="",
            arrival=ARRIVAL,
        )
        return await future

    async def call(self, x: int, *, takes: float = 0.0, fails: bool = False) -> int:
        self._step()
        return await _runtime().call_entity(
            entity=ENTITY,
            operation="add",
            input=to_payload([x, takes, fails]),
            fingerprint=x,
            lock=None,
            line="",
            arrival=ARRIVAL,
        )

    @asynccontextmanager
    async def lock(self, name: str) -> AsyncIterator[None]:
        self._step()
        runtime = _runtime()
        number, granted = runtime.request_lock(entities=(EntityId(NAMED_LOCK, name),), line="")
        try:
            await granted
            yield
        finally:
            runtime.release_lock(number)

    async def request(self, name: str) -> Any:
        """Take the next request of this name, and answer it with what it asks."""
        self._step()
        request_id, question = await _runtime().wait_for_request(name=name, line="")
        _runtime().answer_request(request_id=request_id, result=question, reason="", line="")
        return from_payload(question)

    async def detached(self) -> None:
        self._step()
        _, there = _runtime().start_instance(
            id=None,
            name="detached",
            version=None,
            newest=False,
            input=to_payload([]),
            fingerprint=0,
            queue="default",
            tags={},
            start_at=None,
            if_exists="raise",
            line="",
        )
        await there

    async def result_of(self, instance_id: str) -> Any:
        self._step()
        return await _runtime().await_instance(instance_id=instance_id, line="", arrival=ARRIVAL)

    def tell(self, name: str) -> None:
        """Messages that nobody waits for."""
        runtime = _runtime()
        runtime.send_event(instance_id="other", name=name, data=to_payload(1), line="")
        runtime.send_cancel(instance_id="other", reason="", line="")
        runtime.signal_entity(
            entity=ENTITY, operation="add", input=to_payload([]), fingerprint=0, due=None, line=""
        )

    def patched(self, name: str) -> bool:
        return bool(_runtime().patched(name))

    def go_on(self) -> NoReturn:
        _runtime().continue_as_new(
            name="next",
            version=None,
            newest=False,
            input=to_payload([]),
            fingerprint=0,
            queue=None,
            tags=None,
            carry=True,
            line="",
        )
        raise AssertionError("it goes on as new")

    async def event(self, name: str) -> Any:
        self._step()
        return await _runtime().wait_for_event(name=name, line="", arrival=ARRIVAL)

    def effect(self, name: str) -> int:
        """A side effect: a number that no run but the first one finds again."""
        recorded = _runtime().side_effect(
            name=name, line="", perform=lambda: to_payload(next(self._effects))
        )
        return int(from_payload(recorded))

    def status(self, value: Any) -> None:
        _runtime().set_custom_status(to_payload(value))

    def note(self, *what: Any) -> None:
        self._step()
        self.trace.append(list(what))

    def now(self) -> float:
        return round(asyncio.get_running_loop().time() - self._start, 3)

    def _step(self) -> None:
        if self._collect:
            gc.collect()


class Code:
    """An orchestrator whose body is given a facade, and whose values are JSON."""

    def __init__(
        self,
        name: str,
        body: Callable[[Any], Coroutine[Any, Any, Any]],
        *,
        collect: bool = False,
        effects: Iterator[int] | None = None,
        go_on_at: int | None = None,
    ) -> None:
        self.name = name
        self.steps = DurableSteps(
            collect=collect, effects=effects or itertools.count(), go_on_at=go_on_at
        )
        self._body = body

    async def _main(self) -> Any:
        self.steps.begin()
        return await self._body(self.steps)

    def start(self, input: Payload) -> Coroutine[Any, Any, Any]:
        return self._main()

    def result(self, value: Any) -> Payload:
        return to_payload(value)

    def failure(self, error: BaseException) -> Failure:
        return Failure(type_name=type(error).__name__, message=str(error))


class World:
    """Everything outside of one execution: clocks, activities, people who raise events.

    seed: None for the order that plain asyncio has, one thing at a time, each as soon as it is
    due. With a seed, activities and events come in any order, several to an episode, and
    workers are late; only timers keep to their clock.
    """

    def __init__(
        self,
        events: tuple[Scripted, ...] = (),
        *,
        seed: int | None = None,
        cancels: tuple[float, ...] = (),
    ) -> None:
        """cancels: when somebody wants it to cancel itself, in seconds after the start."""
        self.now = START
        self._random = None if seed is None else random.Random(seed)
        self._due: dict[tuple[int, int], tuple[datetime, Delivered]] = {}
        self._line: list[int] = []  # of those who want the lock; the first one has it
        self._granted: set[int] = set()
        self.waiting: set[int] = set()
        for number, event in enumerate(events):
            received = EventReceived(
                name=event.name,
                data=to_payload(event.data),
                request_id=f"r-{number}" if event.request else None,
            )
            self._due[EVENT_RANK, number] = START + timedelta(seconds=event.at), received
        for number, at in enumerate(cancels, start=len(events)):
            cancel = CancelRequested(reason=f"cancel {number}")
            self._due[EVENT_RANK, number] = START + timedelta(seconds=at), cancel

    def take(self, commands: tuple[Command, ...]) -> None:
        """Begin what an episode asked for."""
        for command in commands:
            self._take(command)

    def _take(self, command: Command) -> None:
        match command:
            case ScheduleActivity(number=number):
                due, event = self._perform(command)
                self._due[WORK_RANK, number] = due, event
            case StartTimer(number=number, due=due):
                self._due[_TIMER_RANK, number] = due, TimerFired(number=number)
            case CancelActivity(number=number, wait=True):
                due = self.now + timedelta(seconds=_CLEANING_UP)
                self._due[WORK_RANK, number] = due, ActivityCancelled(number=number)
            case CancelActivity(number=number):
                # A late result may be on its way already; it is nobody's any more.
                if self._random is None or self._random.random() < 0.7:
                    self._due.pop((WORK_RANK, number), None)
            case CancelTimer(number=number):
                self._due.pop((_TIMER_RANK, number), None)
            case AwaitEvent(number=number):
                self.waiting.add(number)
            case CancelEventWait(number=number):
                self.waiting.discard(number)
            case StartChild(request=request, number=number):
                self._answer(number, request.input)
            case CallEntity(input=input, number=number):
                self._answer(number, input)
            case StartInstance(number=number):
                self._answer(number, to_payload([0, 0, False]))
            case AwaitInstance(number=number):
                self._answer(number, to_payload([1, 4, False]))
            case CancelChild(number=number) | CancelEntityCall(number=number):
                if self._random is None or self._random.random() < 0.7:
                    self._due.pop((WORK_RANK, number), None)
            case CancelInstanceWait(number=number):
                self._due.pop((WORK_RANK, number), None)
            case RequestLock(number=number):
                self._line.append(number)
                self._grant()
            case ReleaseLock(number=number):
                self._line.remove(number)
                self._due.pop((WORK_RANK, number), None)
                self.waiting.discard(number)
                self._grant()
            case _:
                pass  # nobody waits for it

    def _grant(self) -> None:
        """The first in line has the lock; the others wait for it."""
        for place, number in enumerate(self._line):
            if place > 0:
                self.waiting.add(number)
            elif number not in self._granted:
                self._granted.add(number)
                self.waiting.discard(number)
                self._due[WORK_RANK, number] = self.now, CallCompleted(number=number)

    def _perform(self, command: ScheduleActivity) -> tuple[datetime, Delivered]:
        x, takes, fails = from_payload(command.input)
        number = command.number
        done: Delivered = ActivityCompleted(number=number, result=to_payload(x + 1))
        if fails:
            failure = Failure(type_name="Declined", message=str(x))
            done = ActivityFailed(number=number, failure=failure)
        return self.now + timedelta(seconds=takes), done

    def _answer(self, number: int, input: Payload) -> None:
        x, takes, fails = from_payload(input)
        answer: Delivered = CallCompleted(number=number, result=to_payload(x + 1))
        if fails:
            failure = Failure(type_name="Declined", message=str(x))
            answer = CallFailed(number=number, failure=failure)
        self._due[WORK_RANK, number] = self.now + timedelta(seconds=takes), answer

    @property
    def is_random(self) -> bool:
        return self._random is not None

    @property
    def is_over(self) -> bool:
        """Nothing will ever come again."""
        return not self._due

    def clock(self) -> datetime:
        """What the engine says that the time is."""
        return self.now

    def news(self) -> list[Delivered]:
        """What comes next; the clock moves on with it."""
        if self._random is None:
            return [self._next_due()]
        return [self._any() for _ in range(self._random.randint(1, 3)) if self._due]

    def _next_due(self) -> Delivered:
        key = min(self._due, key=lambda key: (self._due[key][0], key))
        return self._happen(key)

    def _any(self) -> Delivered:
        assert self._random is not None
        choices = sorted(key for key in self._due if key[0] != _TIMER_RANK)
        timers = [key for key in self._due if key[0] == _TIMER_RANK]
        if timers:
            choices.append(min(timers, key=lambda key: (self._due[key][0], key)))
        key = self._random.choice(choices)
        if self._random.random() < 0.3:
            self.now += timedelta(seconds=self._random.choice((0.01, 0.5, 3)))
        return self._happen(key)

    def _happen(self, key: tuple[int, int]) -> Delivered:
        due, event = self._due.pop(key)
        if key[0] == _TIMER_RANK or self._random is None:
            self.now = max(self.now, due)
        return event


@attrs.frozen
class Recorded:
    """A whole run. traces: how far the trace had come after each episode. statuses: those set.
    carried: what the next execution is given."""

    result: Any
    failure: Failure | None
    trace: list[Any]
    traces: list[int]
    statuses: list[Any]
    history: tuple[HistoryEvent, ...]
    carried: tuple[EventReceived, ...] | None = None


def started(name: str) -> ExecutionStarted:
    return ExecutionStarted(
        format=FORMAT,
        instance_id="i-1",
        execution_id="e-1",
        name=name,
        input=to_payload([]),
        at=START,
    )


class _Run:
    """One execution on its way from start to end, and what was seen of it so far."""

    def __init__(self, make: Callable[[], Code], world: World) -> None:
        self._make = make
        self._world = world
        self._traces: list[int] = []
        self._statuses: list[Any] = []
        self._begin()
        self.history: list[HistoryEvent] = [started(self.code.name)]
        self._given = list(self.history)

    def _begin(self) -> None:
        self.code = self._make()
        self.execution = Execution(self.code, report=_quiet)

    def rebuild(self) -> None:
        self.execution.close()
        self._begin()
        self._given = list(self.history)

    def episode(self, news: list[Delivered]) -> Recorded | None:
        """The whole run if this was its last episode."""
        outcome = self.execution.run(self._given, news, self._world.clock())
        self._given = []
        assert isinstance(outcome, Outcome), outcome
        assert _asked_for(outcome), "the commands are not those of the recorded events"
        self.history.extend(outcome.events)
        self._traces.append(len(self.code.steps.trace))
        if isinstance(outcome.custom_status, Payload):
            self._statuses.append(from_payload(outcome.custom_status))
        if outcome.ended is not None:
            return self._recorded(outcome)
        self._world.take(outcome.commands)
        if not self._world.is_over:
            return None
        # An end of its own, if the world is random: it waits for an event that nobody will raise,
        # or for itself.
        assert self._world.is_random, "it waits for nothing that can come"
        assert self._world.waiting or outcome.idle
        return self._recorded(outcome)

    def _recorded(self, outcome: Outcome) -> Recorded:
        ended = outcome.ended
        return Recorded(
            result=from_payload(ended.result) if isinstance(ended, ExecutionCompleted) else None,
            failure=ended.failure if isinstance(ended, ExecutionFailed) else None,
            trace=self.code.steps.trace,
            traces=self._traces,
            statuses=self._statuses,
            history=tuple(self.history),
            carried=outcome.carried,
        )


def drive(
    make: Callable[[], Code],
    world: World,
    *,
    rebuild: bool | Callable[[int], bool],
    collect: bool = False,
) -> Recorded:
    """Run to the end. rebuild: before which episodes (by number) a fresh execution is replayed
    from history; True for all of them."""
    run = _Run(make, world)
    news: list[Delivered] = []
    try:
        for number in range(1, _EPISODES):
            recorded = run.episode(news)
            if recorded is not None:
                return recorded
            news = world.news()
            if rebuild is True or (rebuild and rebuild(number)):
                run.rebuild()
            if collect:
                gc.collect()
    finally:
        run.execution.close()
    raise AssertionError(f"not ended after {_EPISODES} episodes")


def _quiet(message: str, error: BaseException | None) -> None:
    """What nobody awaits is not what is compared here."""


def _asked_for(outcome: Outcome) -> bool:
    """The episode's events are its news, its commands in order, and its end."""
    asked = [event for event in outcome.events if isinstance(event, RecordedEvent)]
    return asked == [command.recorded() for command in outcome.commands]


def run_durable(
    construct: Construct,
    *,
    seed: int | None = None,
    rebuild: bool = False,
    collect: bool = False,
    go_on_at: int | None = None,
) -> Recorded:
    """A construct as an orchestrator, from its start to its end. go_on_at: see DurableSteps."""

    def make() -> Code:
        return Code(construct.name, construct.run, collect=collect, go_on_at=go_on_at)

    world = World(construct.mark.events, seed=seed)
    return drive(make, world, rebuild=rebuild, collect=collect)
