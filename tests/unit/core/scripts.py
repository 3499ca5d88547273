"""Orchestrators for the core's own tests, without the layers above it.

A script is an `async def` over `act`, `event`, `effect` and asyncio. History in, commands out.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from durable_async.core.episode import Execution, run_episode
from durable_async.errors import RemoteError, SerializationError
from durable_async.model.failure import Failure
from durable_async.model.history import (
    FORMAT,
    ActivityCompleted,
    ActivityFailed,
    CallCompleted,
    CallFailed,
    Delivered,
    EpisodeStarted,
    EventReceived,
    ExecutionStarted,
    HistoryEvent,
)
from durable_async.model.identity import EntityId
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


# ---- what is asked of others -----------------------------------------------------------------


def child(
    name: str = "ship", *, id: str | None = None, line: str = "flows.py:4", x: int = 1
) -> Any:
    """A child's future, issued here."""
    _, future = runtime().start_child(
        id=id,
        name=name,
        version=None,
        newest=False,
        input=data([x]),
        fingerprint=x,
        queue="default",
        tags={},
        line=line,
        arrival=ARRIVAL,
    )
    return future


def detached(name: str = "audit", *, id: str | None = None, line: str = "flows.py:5") -> Any:
    return runtime().start_instance(
        id=id,
        name=name,
        version=None,
        newest=False,
        input=data([]),
        fingerprint=0,
        queue="default",
        tags={},
        start_at=None,
        if_exists="raise",
        line=line,
    )


def result_of(instance_id: str) -> Any:
    return runtime().await_instance(instance_id=instance_id, line="flows.py:6", arrival=ARRIVAL)


def send(instance_id: str = "other", name: str = "go", value: Any = 1) -> None:
    runtime().send_event(instance_id=instance_id, name=name, data=data(value), line="flows.py:7")


def send_cancel(instance_id: str = "other", reason: str = "enough") -> None:
    runtime().send_cancel(instance_id=instance_id, reason=reason, line="flows.py:8")


async def request(name: str = "ask") -> Any:
    return await runtime().wait_for_request(name=name, line="flows.py:9")


def answer(request_id: str, value: Any = 1) -> None:
    runtime().answer_request(
        request_id=request_id, result=data(value), reason="", line="flows.py:10"
    )


def entity(key: str = "k", *, type: str = "Counter") -> EntityId:
    return EntityId(type, key)


def call(key: str = "k", operation: str = "add", *, x: int = 1, lock: int | None = None) -> Any:
    return runtime().call_entity(
        entity=entity(key),
        operation=operation,
        input=data([x]),
        fingerprint=x,
        lock=lock,
        line="flows.py:11",
        arrival=ARRIVAL,
    )


def signal(key: str = "k", operation: str = "reset", *, due: datetime | None = None) -> None:
    runtime().signal_entity(
        entity=entity(key),
        operation=operation,
        input=data([]),
        fingerprint=0,
        due=due,
        line="flows.py:12",
    )


def lock(*keys: str) -> Any:
    return runtime().request_lock(entities=tuple(map(entity, keys)), line="flows.py:13")


def go_on(name: str = "script", *, x: int = 1, carry: bool = True, **other: Any) -> NoReturn:
    runtime().continue_as_new(
        name=name,
        version=None,
        newest=False,
        input=data([x]),
        fingerprint=x,
        queue=other.get("queue"),
        tags=other.get("tags"),
        carry=carry,
        line="flows.py:14",
    )
    raise AssertionError("it goes on as new")


def answered(number: int, value: Any = None) -> CallCompleted:
    return CallCompleted(number=number, result=None if value is None else data(value))


def refused(number: int, type_name: str = "x:Y", message: str = "no") -> CallFailed:
    return CallFailed(number=number, failure=Failure(type_name=type_name, message=message))


def failed(number: int, message: str = "declined") -> ActivityFailed:
    return ActivityFailed(number=number, failure=Failure(type_name="x:Y", message=message))


def asked(name: str, value: Any, request_id: str = "r-1") -> EventReceived:
    return EventReceived(name=name, data=data(value), request_id=request_id)


def kept_and_rebuilt(script: Script, *news: Delivered) -> list[HistoryEvent]:
    """The history of `news`, each in an episode of its own; a coroutine that is rebuilt before
    every episode makes the same."""
    kept = history_of(script, *news)
    rebuilt: list[HistoryEvent] = [started()]
    rebuilt += outcome(replayed(script, rebuilt)).events
    for each in news:
        rebuilt += outcome(replayed(script, rebuilt, each)).events
    assert rebuilt == kept
    return kept
