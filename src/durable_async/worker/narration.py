"""What an instance and its children do, in lines for a terminal. Invariant: one line a step, and
only of steps that are durable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from durable_async.convert.values import Converter
from durable_async.model.commands import (
    AwaitEvent,
    AwaitInstance,
    CallEntity,
    Command,
    ReleaseLock,
    RequestLock,
    SendEvent,
    StartChild,
    StartInstance,
    StartTimer,
)
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    CallCompleted,
    CallFailed,
    CancelRequested,
    ChildStarted,
    EntityCalled,
    EpisodeStarted,
    EventReceived,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionContinued,
    ExecutionFailed,
    HistoryEvent,
    InstanceAwaited,
    InstanceStarted,
    LockRequested,
)
from durable_async.model.identity import EntityId
from durable_async.model.outcome import Outcome, OutcomeEnd
from durable_async.model.payload import Payload
from durable_async.model.work import (
    ActivityTask,
    AttemptCancelled,
    AttemptEnd,
    AttemptFailed,
    AttemptReleased,
    AttemptSucceeded,
)
from durable_async.worker.progress import (
    AttemptBegan,
    AttemptEnded,
    DefinitionMissing,
    EpisodeEnded,
    InstanceIdle,
    Step,
)

__all__ = ["Narrator"]

_ARGUMENTS_SHOWN: Final = 48
"""Characters of the arguments of an activity that a line shows."""

_MESSAGE_SHOWN: Final = 80

_TIMER_SHOWN: Final = timedelta(seconds=1)
"""Shorter ones are over before their line is read."""


class Narrator:
    """Tells of one instance. write: takes a line. instance_id: whose lines stand by themselves;
    those of others, its descendants, begin with their ids.

    Times are shown in the local time zone.
    """

    def __init__(
        self, write: Callable[[str], None], converter: Converter, instance_id: str | None = None
    ) -> None:
        self._write = write
        self._converter = converter
        self._instance_id = instance_id
        self._called: dict[tuple[str, int], str] = {}  # what each instance waits for

    def recall(self, history: Sequence[HistoryEvent]) -> None:
        """What was done before, and is not done again."""
        for line in self._recalled(history):
            self._write(line)

    def observe(self, step: Step) -> None:
        match step:
            case AttemptEnded(task, end, seconds):
                line = f"{self._title(task.name, task.input)}: {_outcome(task, end, seconds)}"
                self._tell(task.lease.instance_id, (line,))
            case EpisodeEnded(instance_id, Outcome() as outcome, at=at):
                self._tell(instance_id, self._episode(instance_id, outcome, at))
            case EpisodeEnded() | AttemptBegan() | DefinitionMissing() | InstanceIdle():
                pass  # whoever runs the instance raises an error that says it
            case _:
                assert_never(step)

    def _tell(self, instance_id: str, lines: Iterable[str]) -> None:
        whose = "" if self._instance_id in (None, instance_id) else f"[{instance_id}] "
        for line in lines:
            self._write(whose + line)

    def _recalled(self, history: Sequence[HistoryEvent]) -> Iterator[str]:
        titles: dict[int, str] = {}
        at: datetime | None = None
        for event in history:
            match event:
                case EpisodeStarted():
                    at = event.at
                case ActivityScheduled():
                    titles[event.number] = self._title(event.name, event.input)
                case ChildStarted():
                    titles[event.number] = self._child(event.request.name, event.request.input)
                case InstanceStarted():
                    titles[event.number] = self._title(event.request.name, event.request.input)
                case InstanceAwaited():
                    titles[event.number] = f"instance {event.instance_id}"
                case EntityCalled():
                    titles[event.number] = _operation(event.entity, event.operation)
                case LockRequested():
                    titles[event.number] = _lock(event.entities)
                case ActivityCompleted() | CallCompleted():
                    yield f"{titles[event.number]}: kept{_since(at)}"
                case ActivityFailed() | CallFailed():
                    yield f"{titles[event.number]}: failed then ({_brief(event.failure)})"
                case EventReceived():
                    yield f"{_event(event)}: kept{_since(at)}"
                case _:
                    pass

    def _episode(self, instance_id: str, outcome: Outcome, now: datetime) -> Iterator[str]:
        for event in outcome.events:
            match event:
                case EventReceived():
                    yield f"{_event(event)}: received"
                case CancelRequested(reason=reason):
                    yield f"asked to cancel itself{_because(reason)}"
                case CallCompleted(number=number):
                    called = self._called.get((instance_id, number))
                    if called is not None:
                        yield f"{called}: {'taken' if called.startswith('lock') else 'done'}"
                case CallFailed(number=number, failure=failure):
                    called = self._called.get((instance_id, number), "a call")
                    yield f"{called}: failed ({_brief(failure)})"
                case _:
                    pass
        for command in outcome.commands:
            yield from self._command(instance_id, command, now)
        if outcome.ended is not None:
            yield self._end(outcome.ended)
            self._forget(instance_id)

    def _command(self, instance_id: str, command: Command, now: datetime) -> Iterator[str]:
        match command:
            case StartTimer(due=due) if due - now >= _TIMER_SHOWN:
                yield f"timer until {_moment(due, seconds=True)}"
            case AwaitEvent(name=name, request=request):
                yield f"waiting for {'request' if request else 'event'} {name}"
            case StartChild(number=number, request=child):
                title = self._called[instance_id, number] = self._child(child.name, child.input)
                yield f"{title}: started as {child.instance_id}"
            case StartInstance(request=other):
                title = self._title(other.name, other.input)
                yield f"{title}: started as {other.instance_id}, to live on its own"
            case AwaitInstance(number=number, instance_id=other_id):
                self._called[instance_id, number] = f"instance {other_id}"
                yield f"waiting for instance {other_id}"
            case CallEntity(number=number, entity=entity, operation=operation):
                self._called[instance_id, number] = _operation(entity, operation)
            case RequestLock(number=number, entities=entities):
                title = self._called[instance_id, number] = _lock(entities)
                yield f"waiting for {title}"
            case ReleaseLock(number=number):
                yield f"{self._called.get((instance_id, number), 'lock')}: released"
            case SendEvent(name=name, instance_id=other_id):
                yield f"event {name}: sent to {other_id}"
            case _:
                pass

    def _end(self, ended: OutcomeEnd) -> str:
        match ended:
            case ExecutionCompleted():
                return "completed"
            case ExecutionFailed(failure=failure):
                return f"failed ({_brief(failure)})"
            case ExecutionCancelled(reason=reason):
                return f"cancelled{_because(reason)}"
            case ExecutionContinued(request=request):
                return f"goes on as {self._title(request.name, request.input)}"
            case _:
                assert_never(ended)

    def _forget(self, instance_id: str) -> None:
        for key in [key for key in self._called if key[0] == instance_id]:
            del self._called[key]

    def _child(self, name: str, input: Payload) -> str:
        return f"child {self._title(name, input)}"

    def _title(self, name: str, input: Payload) -> str:
        arguments = self._converter.decode(input, what=f"the arguments of {name}")
        shown = _shortened("/".join(_arguments(arguments)), _ARGUMENTS_SHOWN)
        return f"{name} {shown}" if shown else name


def _arguments(stored: Any) -> Iterator[str]:
    """From either of their stored forms: a list, or positions and keywords apart."""
    if isinstance(stored, dict):
        yield from map(str, stored["args"])
        yield from (f"{name}={value}" for name, value in stored["kwargs"].items())
    else:
        yield from map(str, stored)


def _outcome(task: ActivityTask, end: AttemptEnd, seconds: float) -> str:
    match end:
        case AttemptSucceeded():
            return _duration(seconds)
        case AttemptFailed(failure, retry_after):
            if retry_after is None:
                return f"failed after {_duration(seconds)} ({_brief(failure)})"
            return f"attempt {task.attempt + 1} in {_duration(retry_after)} ({_brief(failure)})"
        case AttemptCancelled():
            return f"cancelled after {_duration(seconds)}"
        case AttemptReleased():
            return f"stopped after {_duration(seconds)}, to be run again"
        case _:
            assert_never(end)


def _event(event: EventReceived) -> str:
    return f"{'event' if event.request_id is None else 'request'} {event.name}"


def _operation(entity: EntityId, operation: str) -> str:
    return f"{entity.type} {entity.key}: {operation}"


def _lock(entities: Iterable[EntityId]) -> str:
    return f"lock {', '.join(f'{each.type} {each.key}'.strip() for each in entities)}"


def _because(reason: str) -> str:
    return f" ({_shortened(reason, _MESSAGE_SHOWN)})" if reason else ""


def _brief(failure: Failure) -> str:
    name = failure.type_name.rpartition(":")[2]
    message = _shortened(failure.message, _MESSAGE_SHOWN)
    return f"{name}: {message}" if message else name


def _shortened(text: str, limit: int) -> str:
    """On one line, and not longer than this."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds >= 0.1 else f"{seconds * 1000:.0f} ms"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def _since(at: datetime | None) -> str:
    return "" if at is None else f" from {_moment(at)}"


def _moment(at: datetime, *, seconds: bool = False) -> str:
    """In local time; the date only if it is another day."""
    local = at.astimezone()
    time = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    today = datetime.now(local.tzinfo).date()
    return time if local.date() == today else f"{local:%Y-%m-%d} {time}"
