"""Driving an engine by hand, batch by batch.

Invariant: nothing runs by itself: no loop, no thread, no coroutine; time moves when the test
moves it.

A Party is one session and what it claims. The functions build parts of a batch as a worker would,
if the code of its orchestrators and activities had done what the arguments say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import attrs

from durable_async.model.commands import CallEntity, Command, ScheduleActivity, StartChild
from durable_async.model.failure import Failure
from durable_async.model.history import (
    Delivered,
    EpisodeStarted,
    EventReceived,
    ExecutionCompleted,
    ExecutionContinued,
    ExecutionFailed,
    HistoryEvent,
)
from durable_async.model.identity import Caller, EntityId
from durable_async.model.options import DEFAULT_QUEUE, ActivityOptions
from durable_async.model.outcome import UNCHANGED, Blocked, Outcome, OutcomeEnd, Unchanged
from durable_async.model.payload import Payload
from durable_async.model.work import (
    ActivityLease,
    ActivityReport,
    ActivityTask,
    Answer,
    AttemptEnd,
    AttemptFailed,
    AttemptSucceeded,
    Batch,
    Claim,
    Claimed,
    ClaimedEntity,
    CreateInstance,
    EntityCommit,
    EpisodeCommit,
    InstanceRecord,
    Operation,
    OperationResult,
    RaiseEvent,
    Receipt,
    SendSignal,
)
from durable_async.ports import Engine

__all__ = [
    "EVERYTHING",
    "Party",
    "SettableClock",
    "activity",
    "added_by",
    "call",
    "child",
    "completed",
    "continued",
    "counter",
    "create",
    "delivered",
    "episode",
    "event",
    "failed",
    "failed_with",
    "result",
    "signal",
    "succeeded",
    "the_only",
    "value",
]


class SettableClock:
    """A clock that stands still, and can be set forward and back."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> datetime:
        """Negative seconds set it back."""
        self._now += timedelta(seconds=seconds)
        return self._now


EVERYTHING: Final = Claim(
    orchestrators=frozenset({("flow", None)}),
    activities=frozenset({"step"}),
    entities=frozenset({"counter"}),
    queues=frozenset({DEFAULT_QUEUE}),
    max_instances=1_000,
    max_activities=1_000,
    max_entities=1_000,
)
"""A claim for orchestrators named "flow", activities named "step" and entities named "counter"."""


def value(text: str = "null") -> Payload:
    return Payload(text.encode())


def create(instance_id: str = "i", **fields: Any) -> CreateInstance:
    """Of an instance of "flow". fields: of CreateInstance."""
    settings: dict[str, Any] = {
        "execution_id": f"{instance_id}-1",
        "name": "flow",
        "input": value("[]"),
        **fields,
    }
    return CreateInstance(instance_id=instance_id, **settings)


def event(instance_id: str = "i", name: str = "go", **fields: Any) -> RaiseEvent:
    """fields: of RaiseEvent."""
    settings: dict[str, Any] = {"data": value(), **fields}
    return RaiseEvent(instance_id=instance_id, name=name, **settings)


def activity(number: int = 0, *, name: str = "step", **options: Any) -> ScheduleActivity:
    """options: of ActivityOptions."""
    return ScheduleActivity(
        number=number,
        name=name,
        input=value(f"[{number}]"),
        options=ActivityOptions(**options) if options else None,
    )


def child(instance_id: str = "c", number: int = 0, parent: str = "p", **fields: Any) -> StartChild:
    """Of the first execution of `parent`. fields: of CreateInstance."""
    settings = {"parent": Caller(parent, f"{parent}-1", number), **fields}
    return StartChild(number=number, request=create(instance_id, **settings))


def counter(key: str = "k") -> EntityId:
    return EntityId("counter", key)


def call(number: int = 0, key: str = "k", operation: str = "add", **fields: Any) -> CallEntity:
    """Of a "counter". fields: of CallEntity."""
    settings: dict[str, Any] = {"input": value(f"[{number}]"), **fields}
    return CallEntity(number=number, entity=counter(key), operation=operation, **settings)


def signal(key: str = "k", operation: str = "add", **fields: Any) -> SendSignal:
    """To a "counter". fields: of SendSignal."""
    settings: dict[str, Any] = {"input": value("[]"), **fields}
    return SendSignal(entity=counter(key), operation=operation, **settings)


def continued(instance_id: str = "i", generation: int = 2, **fields: Any) -> ExecutionContinued:
    """fields: of CreateInstance."""
    settings = {"execution_id": f"{instance_id}-{generation}", **fields}
    return ExecutionContinued(request=create(instance_id, **settings))


def result(operation: Operation, text: str = "null", **sent: Any) -> OperationResult:
    """text: "!" if it failed. sent: of OperationResult."""
    if text == "!":
        return OperationResult(number=operation.number, failure=failed())
    return OperationResult(number=operation.number, result=value(text), **sent)


def failed(message: str = "no") -> Failure:
    return Failure(
        type_name="builtins:ValueError",
        message=message,
        mro=("builtins:ValueError", "builtins:Exception", "builtins:BaseException"),
    )


def completed(text: str = "null") -> ExecutionCompleted:
    return ExecutionCompleted(result=value(text))


def failed_with(message: str = "no") -> ExecutionFailed:
    return ExecutionFailed(failure=failed(message))


def succeeded(task: ActivityTask, text: str = "null") -> ActivityReport:
    return ActivityReport(task.lease, AttemptSucceeded(value(text)))


def episode(
    claimed: Claimed,
    *commands: Command,
    length: int,
    at: datetime,
    ended: OutcomeEnd | None = None,
    finished: Sequence[tuple[ActivityLease, Delivered]] = (),
    custom_status: Payload | None | Unchanged = UNCHANGED,
    idle: bool = False,
    carried: Sequence[EventReceived] | None = (),
) -> EpisodeCommit:
    """The episode of an instance that consumed all its news and then issued these commands.

    length: of its history before. finished: results that it was woken with directly. carried: by
    one that goes on as a new execution.
    """
    woken_with: list[HistoryEvent] = [news.event for news in claimed.news]
    woken_with += [each for _, each in finished]
    ends: tuple[HistoryEvent, ...] = () if ended is None else (ended,)
    return EpisodeCommit(
        lease=claimed.lease,
        length=length,
        result=Outcome(
            events=(
                EpisodeStarted(at=at),
                *woken_with,
                *(command.recorded() for command in commands),
                *ends,
            ),
            commands=commands,
            custom_status=custom_status,
            ended=ended,
            idle=idle,
            carried=None if carried is None else tuple(carried),
        ),
        consumed=tuple(each.message for each in claimed.news if each.message is not None),
        finished=tuple(lease for lease, _ in finished),
    )


@attrs.define(eq=False)
class Party:
    """A session of an engine. lengths: of the histories that it knows, by instance."""

    engine: Engine
    session: str
    claim: Claim = EVERYTHING
    lengths: dict[str, int] = attrs.field(factory=dict)

    @classmethod
    def join(cls, engine: Engine, identity: str = "party", claim: Claim = EVERYTHING) -> Party:
        return cls(engine, engine.open_session(identity), claim)

    def commit(self, *, claims: bool = True, **parts: Any) -> Receipt:
        """parts: of a Batch, each a list or a tuple."""
        batch = Batch(
            session=self.session,
            claim=self.claim if claims else None,
            **{name: tuple(part) for name, part in parts.items()},
        )
        receipt = self.engine.commit(batch)
        for claimed in receipt.claimed:
            if claimed.history is not None:
                self.lengths[claimed.lease.instance_id] = len(claimed.history)
        return receipt

    def start(self, instance_id: str = "i", **fields: Any) -> Claimed:
        """Create an instance, and take it in the same commit."""
        receipt = self.commit(creates=[create(instance_id, **fields)])
        return the_only(receipt.claimed)

    def episode(self, claimed: Claimed, *commands: Command, **details: Any) -> EpisodeCommit:
        """As `episode`, with the length that this session knows."""
        instance_id = claimed.lease.instance_id
        details = {"length": self.lengths.get(instance_id, 0), **details}
        return episode(claimed, *commands, at=self.engine.now(), **details)

    def run(self, claimed: Claimed, *commands: Command, **details: Any) -> Receipt:
        """Commit an episode by itself, and claim."""
        return self.run_all(self.episode(claimed, *commands, **details))

    def run_all(self, *episodes: EpisodeCommit, **parts: Any) -> Receipt:
        """Commit these episodes, with other parts of a batch, and claim."""
        receipt = self.commit(episodes=episodes, **parts)
        for each, error in zip(episodes, receipt.episodes, strict=True):
            if error is None and isinstance(each.result, Outcome):
                goes_on = isinstance(each.result.ended, ExecutionContinued)
                length = 1 if goes_on else each.length + len(each.result.events)
                self.lengths[each.lease.instance_id] = length
        return receipt

    def block(self, claimed: Claimed, message: str = "changed") -> Receipt:
        blocked = Blocked(reason="mismatch", message=message)
        length = self.lengths[claimed.lease.instance_id]
        return self.commit(
            episodes=[EpisodeCommit(lease=claimed.lease, length=length, result=blocked)]
        )

    def operate(self, claimed: ClaimedEntity, *answers: str, **details: Any) -> Receipt:
        """Commit the operations that an entity was claimed with, and claim. answers: their results,
        in order; "!" fails one. By default each has the result null. details: of EntityCommit; the
        state is as it was if it is not given."""
        texts = answers or ("null",) * len(claimed.operations)
        settings: dict[str, Any] = {
            "state": claimed.state,
            "results": tuple(map(result, claimed.operations, texts)),
            **details,
        }
        return self.commit(entities=[EntityCommit(lease=claimed.lease, **settings)])

    def answer(self, request_id: str) -> Answer | None:
        return self.engine.answer(request_id)

    def report(self, task: ActivityTask, end: AttemptEnd) -> Receipt:
        return self.commit(reports=[ActivityReport(task.lease, end)])

    def fail(self, task: ActivityTask, retry_after: float | None = None) -> Receipt:
        return self.report(task, AttemptFailed(failed(), retry_after))

    def record(self, instance_id: str = "i") -> InstanceRecord:
        (record,) = self.engine.records((instance_id,))
        assert record is not None, f"there is no instance {instance_id!r}"
        return record

    def history(self, instance_id: str = "i") -> tuple[HistoryEvent, ...]:
        return self.engine.history(instance_id)


T = TypeVar("T")


def the_only(things: Sequence[T]) -> T:
    assert len(things) == 1, f"one was expected: {things}"
    return things[0]


def delivered(claimed: Claimed) -> list[Delivered]:
    """What it is woken with, in order."""
    return [news.event for news in claimed.news]


def added_by(commit: EpisodeCommit) -> tuple[HistoryEvent, ...]:
    """The events that it appends to history."""
    assert isinstance(commit.result, Outcome)
    return commit.result.events
