"""Orchestrators for the core's own tests, without the layers above it.

A script is an `async def` over `act`, `event`, `effect` and asyncio. History in, commands out.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from durable_async.core.episode import Execution, run_episode
from durable_async.errors import RemoteError, SerializationError
from durable_async.model.failure import Failure
from durable_async.model.history import (
    FORMAT,
    ActivityCompleted,
    Delivered,
    EpisodeStarted,
    EventReceived,
    ExecutionStarted,
    HistoryEvent,
)
from durable_async.model.outcome import Blocked, EpisodeResult, Outcome
from durable_async.model.payload import Payload

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)

Script = Callable[[], Coroutine[Any, Any, Any]]


class CardDeclined(Exception):
    """What a failing activity raises."""


class Arrival:
    """JSON values; failures as CardDeclined while `known`, otherwise as RemoteError."""

    known = True

    def value(self, payload: Payload, /) -> Any:
        if payload.data == b"broken":
            raise AssertionError("a mistake in the converter")
        try:
            return json.loads(payload.data)
        except ValueError as error:
            raise SerializationError(str(error)) from error

    def error(self, failure: Failure, /, *, as_remote: bool = False) -> BaseException:
        if self.known and not as_remote:
            return CardDeclined(failure.message)
        return RemoteError(failure.type_name, failure.message)


class Code:
    def __init__(self, script: Script) -> None:
        self.name = script.__name__
        self._script = script

    def start(self, input: Payload, /) -> Coroutine[Any, Any, Any]:
        if input.data == b"bad":
            raise SerializationError("the input does not fit")
        return self._script()

    def result(self, value: Any, /) -> Payload:
        if value is NotImplemented:
            raise AssertionError("a mistake in the converter")
        try:
            return data(value)
        except TypeError as error:
            raise SerializationError(str(error)) from error

    def failure(self, error: BaseException, /) -> Failure:
        return Failure(type_name=type(error).__name__, message=str(error))


ARRIVAL = Arrival()


def data(value: Any) -> Payload:
    return Payload(json.dumps(value).encode())


def runtime() -> Any:
    loop: Any = asyncio.get_running_loop()
    return loop.durable_runtime


def act(x: Any, *, name: str = "act", wait: bool = False, line: str = "flows.py:1") -> Any:
    """An activity's future, issued here."""
    return runtime().schedule_activity(
        name=name,
        input=data(x),
        fingerprint=hash(x) if isinstance(x, int) else 0,
        options=None,
        wait_for_cancel=wait,
        line=line,
        arrival=ARRIVAL,
    )


async def event(name: str, line: str = "flows.py:2") -> Any:
    return await runtime().wait_for_event(name=name, line=lambda: line, arrival=ARRIVAL)


def effect(perform: Callable[[], Any], *, name: str = "effect") -> Any:
    def payload() -> Payload | Failure:
        try:
            return data(perform())
        except Exception as error:
            return Failure(type_name=type(error).__name__, message=str(error))

    return runtime().side_effect(name=name, line="flows.py:3", perform=payload)


def started(input: bytes = b"[]") -> ExecutionStarted:
    return ExecutionStarted(
        format=FORMAT,
        instance_id="order-1",
        execution_id="e-1",
        name="script",
        input=Payload(input),
        at=T0,
    )


def after(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def first(script: Script) -> Outcome:
    """The first episode."""
    return outcome(run_episode(Code(script), [started()], (), T0))


def history_of(script: Script, *news: Delivered, now: datetime = T0) -> list[HistoryEvent]:
    """What is recorded when each of `news` comes in an episode of its own."""
    execution = Execution(Code(script))
    history: list[HistoryEvent] = [started()]
    history += outcome(execution.run(history, (), now)).events
    for each in news:
        history += outcome(execution.run((), (each,), now)).events
    execution.close()
    return history


def replayed(script: Script, history: list[HistoryEvent], *news: Delivered) -> EpisodeResult:
    return run_episode(Code(script), history, news, T0)


def outcome(result: EpisodeResult) -> Outcome:
    assert isinstance(result, Outcome), result
    return result


def mismatch(result: EpisodeResult) -> str:
    """Why the episode is blocked."""
    assert isinstance(result, Blocked), result
    assert result.reason == "mismatch"
    return result.message


def done(number: int, value: Any) -> ActivityCompleted:
    return ActivityCompleted(number=number, result=data(value))


def got(name: str, value: Any) -> EventReceived:
    return EventReceived(name=name, data=data(value))


def episode(seconds: float = 0) -> EpisodeStarted:
    return EpisodeStarted(at=after(seconds))
