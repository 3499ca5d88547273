"""What one instance does, in lines for a terminal. Invariant: one line a step, and only of steps
that are durable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from durable_async.convert.values import Converter
from durable_async.model.commands import AwaitEvent, StartTimer
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    EpisodeStarted,
    EventReceived,
    ExecutionCompleted,
    ExecutionFailed,
    HistoryEvent,
)
from durable_async.model.outcome import Outcome
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
    """Tells of one instance. write: takes a line.

    Times are shown in the local time zone.
    """

    def __init__(self, write: Callable[[str], None], converter: Converter) -> None:
        self._write = write
        self._converter = converter

    def recall(self, history: Sequence[HistoryEvent]) -> None:
        """What was done before, and is not done again."""
        for line in self._recalled(history):
            self._write(line)

    def observe(self, step: Step) -> None:
        match step:
            case AttemptEnded(task, end, seconds):
                self._write(f"{self._title(task.name, task.input)}: {_outcome(task, end, seconds)}")
            case EpisodeEnded(result=Outcome() as outcome, at=at):
                for line in _episode(outcome, at):
                    self._write(line)
            case EpisodeEnded() | AttemptBegan() | DefinitionMissing() | InstanceIdle():
                pass  # whoever runs the instance raises an error that says it
            case _:
                assert_never(step)

    def _recalled(self, history: Sequence[HistoryEvent]) -> Iterator[str]:
        titles: dict[int, str] = {}
        at: datetime | None = None
        for event in history:
            match event:
                case EpisodeStarted():
                    at = event.at
                case ActivityScheduled():
                    titles[event.number] = self._title(event.name, event.input)
                case ActivityCompleted():
                    yield f"{titles[event.number]}: kept{_since(at)}"
                case ActivityFailed():
                    yield f"{titles[event.number]}: failed then ({_brief(event.failure)})"
                case EventReceived():
                    yield f"event {event.name}: kept{_since(at)}"
                case _:
                    pass

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


def _episode(outcome: Outcome, now: datetime) -> Iterator[str]:
    for event in outcome.events:
        if isinstance(event, EventReceived):
            yield f"event {event.name}: received"
    for command in outcome.commands:
        match command:
            case StartTimer(due=due) if due - now >= _TIMER_SHOWN:
                yield f"timer until {_moment(due, seconds=True)}"
            case AwaitEvent(name=name):
                yield f"waiting for event {name}"
            case _:
                pass
    match outcome.ended:
        case ExecutionCompleted():
            yield "completed"
        case ExecutionFailed(failure=failure):
            yield f"failed ({_brief(failure)})"
        case None:
            pass
        case _:
            assert_never(outcome.ended)


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
