"""Two engines that are given the same to do. Invariant: what one answers, the other answers; where
they differ, the step at which they do is the test's failure.

The reference is `MemoryEngine`. Workers are played by what the reference hands out; numbers that
each engine chooses for itself (of sessions and messages) are translated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import attrs
from hypothesis import strategies as st

from durable_async.engines.memory import MemoryEngine
from durable_async.model.commands import CancelActivity, CancelTimer, Command, StartTimer
from durable_async.model.history import (
    ActivityCompleted,
    ActivityScheduled,
    ExecutionCompleted,
    ExecutionFailed,
    TimerStarted,
)
from durable_async.model.outcome import Blocked
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    ActivityReport,
    ActivityTask,
    AttemptCancelled,
    AttemptEnd,
    AttemptFailed,
    AttemptReleased,
    AttemptSucceeded,
    Batch,
    Claimed,
    EpisodeCommit,
    Heartbeat,
    InstanceQuery,
    Receipt,
    Terminate,
)
from durable_async.ports import Engine
from durable_async.testing.parties import (
    EVERYTHING,
    SettableClock,
    activity,
    completed,
    create,
    episode,
    event,
    failed,
    failed_with,
    value,
)

__all__ = ["Rivals", "steps"]

SESSIONS = 3
IDS = 4


def steps() -> st.SearchStrategy[tuple[int, ...]]:
    """What `Rivals.take` plays. Smaller numbers are simpler steps."""
    return st.tuples(st.integers(0, 19), *[st.integers(0, 11)] * 4)


@attrs.define(eq=False)
class Actor:
    """A session on both engines, and what the reference has handed to it. due: instances to run.
    kept: leases of those that it ran, with the length of their history."""

    names: tuple[str, str]
    fingerprint: str = ""
    due: list[Claimed] = attrs.field(factory=list)
    kept: dict[str, int] = attrs.field(factory=dict)
    tasks: list[ActivityTask] = attrs.field(factory=list)


class Rivals:
    """kill: as of EngineConformance, for the engine under test."""

    def __init__(
        self, clock: SettableClock, engine: Engine, kill: Callable[[Engine, str], None]
    ) -> None:
        self._clock = clock
        self._reference = MemoryEngine(clock, lease=1e9)
        self._engine = engine
        self._kill = kill
        self._actors: list[Actor] = []
        self._messages: dict[int, int] = {}
        self._executions = 0
        engine.open()
        self._join()

    def close(self) -> None:
        self._engine.close()

    def take(self, step: tuple[int, ...]) -> None:
        """kind, and four numbers that choose what it is about."""
        kind, *choices = step
        actor = self._actors[choices[0] % len(self._actors)]
        match kind:
            case 0 | 1 | 2:
                self._commit(actor, creates=[self._create(choices)])
            case 3 | 4 | 5:
                self._commit(actor, messages=[self._event(choices)])
            case 6 | 7 | 8 | 9 | 10:
                self._run(actor, choices)
            case 11 | 12 | 13:
                self._report(actor, choices)
            case 14:
                self._advance(actor, choices)
            case 15:
                self._release(actor, choices)
            case 16:
                self._end_session(actor, choices)
            case 17:
                self._terminate(actor, choices)
            case 18:
                self._beat(actor, choices)
            case _:
                actor.fingerprint = f"{choices[1] % 2}"
                self._commit(actor)

    # ---- steps -------------------------------------------------------------------------------

    def _join(self) -> None:
        names = self._reference.open_session("r"), self._engine.open_session("e")
        self._actors.append(Actor(names))

    def _create(self, choices: list[int]) -> Any:
        self._executions += 1
        policy = ("raise", "attach", "replace")[choices[2] % 3]
        start_at = None
        if choices[3] == 11:
            start_at = self._clock.now() + timedelta(seconds=2)
        return create(
            f"i{choices[1] % IDS}",
            execution_id=f"x{self._executions}",
            if_exists=policy,
            start_at=start_at,
            tags={"t": f"{choices[3] % 3}"},
        )

    def _event(self, choices: list[int]) -> Any:
        key = f"k{choices[2]}" if choices[2] < 3 else None
        return event(f"i{choices[1] % IDS}", key=key, data=value(f"{choices[3]}"))

    def _run(self, actor: Actor, choices: list[int]) -> None:
        """One or two episodes; the second may be one that the session has no right to."""
        episodes: list[EpisodeCommit] = []
        for _ in range(1 + choices[1] % 2):
            if actor.due:
                claimed = actor.due.pop(choices[2] % len(actor.due))
                episodes.append(self._episode(actor, claimed, choices))
        self._commit(actor, episodes=episodes)

    def _episode(self, actor: Actor, claimed: Claimed, choices: list[int]) -> EpisodeCommit:
        instance_id = claimed.lease.instance_id
        length = actor.kept.get(instance_id, 0)
        if claimed.history is not None:
            length = len(claimed.history)
        if choices[3] == 10:  # it ran on another history
            return episode(claimed, length=length + 1, at=self._clock.now())
        if choices[3] == 9:
            blocked = Blocked(reason="mismatch", message=f"{choices[2]}")
            return EpisodeCommit(lease=claimed.lease, length=length, result=blocked)
        ended: ExecutionCompleted | ExecutionFailed | None = None
        if choices[3] in (7, 8):
            ended = completed("1") if choices[3] == 7 else failed_with()
        finished = []
        for task in list(actor.tasks):
            lease = task.lease
            if lease.execution_id == claimed.lease.execution_id and choices[2] % 2:
                done = ActivityCompleted(number=lease.number, result=value("5"))
                finished.append((lease, done))
                actor.tasks.remove(task)
                break
        commands = self._commands(length, claimed.lease.instance_id, choices)
        return episode(
            claimed,
            *commands,
            length=length,
            at=self._clock.now(),
            ended=ended,
            finished=finished,
            custom_status=value(f"{choices[2]}") if choices[1] % 3 else None,
            idle=choices[1] == 5,
        )

    def _commands(self, length: int, instance_id: str, choices: list[int]) -> list[Command]:
        """Numbers are those of history's length: unique within the execution."""
        now, first = self._clock.now(), length * 10
        made: list[Command] = []
        if choices[1] % 3:
            made += [activity(first), activity(first + 1, on_lost="fail")]
        if choices[2] % 3:
            due = now + timedelta(seconds=choices[2] % 4)
            made.append(StartTimer(number=first + 2, due=due))
        if choices[2] == 11:
            made.append(CancelActivity(number=first, wait=choices[1] % 2 == 1))
            made.append(CancelTimer(number=first + 2))
        past = self._reference.history(instance_id)
        activities = [each.number for each in past if isinstance(each, ActivityScheduled)]
        timers = [each.number for each in past if isinstance(each, TimerStarted)]
        if activities and choices[1] > 8:
            number = activities[choices[2] % len(activities)]
            made.append(CancelActivity(number=number, wait=choices[2] % 2 == 1))
        if timers and choices[1] > 8:
            made.append(CancelTimer(number=timers[choices[2] % len(timers)]))
        return made

    def _report(self, actor: Actor, choices: list[int]) -> None:
        if not actor.tasks:
            return
        task = actor.tasks.pop(choices[1] % len(actor.tasks))
        ends: list[AttemptEnd] = [
            AttemptSucceeded(value("6")),
            AttemptFailed(failed(), None),
            AttemptFailed(failed("again"), float(choices[3] % 3)),
            AttemptReleased(),
            AttemptCancelled(),
        ]
        report = ActivityReport(task.lease, ends[choices[2] % len(ends)])
        twice = [report, report] if choices[3] == 11 else [report]
        self._commit(actor, reports=twice)

    def _beat(self, actor: Actor, choices: list[int]) -> None:
        beats = [Heartbeat(each.lease, value(f"{choices[1]}")) for each in actor.tasks]
        self._commit(actor, heartbeats=beats)

    def _advance(self, actor: Actor, choices: list[int]) -> None:
        self._clock.advance(choices[1] / 4)
        self._commit(actor)

    def _release(self, actor: Actor, choices: list[int]) -> None:
        if actor.due:
            claimed = actor.due.pop(choices[1] % len(actor.due))
            self._commit(actor, releases=[claimed.lease])

    def _terminate(self, actor: Actor, choices: list[int]) -> None:
        stop = Terminate(instance_id=f"i{choices[1] % IDS}", reason="r")
        self._commit(actor, messages=[stop])

    def _end_session(self, actor: Actor, choices: list[int]) -> None:
        if choices[1] % 2:
            self._reference.close_session(actor.names[0])
            self._engine.close_session(actor.names[1])
        else:
            self._reference.lose_session(actor.names[0])
            self._kill(self._engine, actor.names[1])
        self._actors.remove(actor)
        while len(self._actors) < 1 + choices[2] % SESSIONS:
            self._join()
        self._commit(self._actors[0])

    # ---- both at once ------------------------------------------------------------------------

    def _commit(self, actor: Actor, **parts: Iterable[Any]) -> None:
        claim = attrs.evolve(EVERYTHING, fingerprint=actor.fingerprint)
        batch = Batch(
            session=actor.names[0],
            claim=claim,
            **{name: tuple(part) for name, part in parts.items()},
        )
        expected = self._reference.commit(batch)
        actual = self._engine.commit(self._translated(batch, actor.names[1]))
        self._learn(expected, actual)
        assert _comparable(actual) == _comparable(expected), batch
        # Looking too early costs a look; too late costs time.
        assert _seconds(actual) <= _seconds(expected), batch
        self._follow(actor, batch, expected)
        self._compare()

    def _translated(self, batch: Batch, session: str) -> Batch:
        episodes = tuple(
            attrs.evolve(each, consumed=tuple(self._messages[one] for one in each.consumed))
            for each in batch.episodes
        )
        return attrs.evolve(batch, session=session, episodes=episodes)

    def _learn(self, expected: Receipt, actual: Receipt) -> None:
        others = {each.lease: each for each in actual.claimed}
        for each in expected.claimed:
            other = others.get(each.lease)
            if other is not None and len(other.news) == len(each.news):
                for one, same in zip(each.news, other.news, strict=True):
                    if one.message is not None and same.message is not None:
                        self._messages[one.message] = same.message

    def _follow(self, actor: Actor, batch: Batch, receipt: Receipt) -> None:
        for each, error in zip(batch.episodes, receipt.episodes, strict=True):
            if error is None and not isinstance(each.result, Blocked):
                actor.kept[each.lease.instance_id] = each.length + len(each.result.events)
        actor.due += receipt.claimed
        actor.tasks += receipt.activities

    def _compare(self) -> None:
        ids = [f"i{number}" for number in range(IDS)]
        records = self._reference.records(ids)
        assert self._engine.records(ids) == records
        assert self._engine.at_work(ids) == self._reference.at_work(ids)
        for instance_id, record in zip(ids, records, strict=True):
            if record is not None:
                expected = self._reference.history(instance_id)
                assert self._engine.history(instance_id) == expected
        for query in (
            InstanceQuery(limit=IDS),
            InstanceQuery(status=frozenset({RuntimeStatus.RUNNING, RuntimeStatus.BLOCKED})),
            InstanceQuery(tags={"t": "1"}),
        ):
            assert self._engine.page(query).records == self._reference.page(query).records
            assert self._engine.count(query) == self._reference.count(query)


def _comparable(receipt: Receipt) -> dict[str, Any]:
    """What both must say. Which of several things comes first is told by no rule, nor is the
    number of a message."""
    return {
        "created": [_kind(each) for each in receipt.created],
        "sent": [_kind(each) for each in receipt.sent],
        "episodes": [_kind(each) for each in receipt.episodes],
        "reports": [_kind(each) for each in receipt.reports],
        "heartbeats": [_kind(each) for each in receipt.heartbeats],
        "claimed": {
            each.lease: (each.history, [(news.event, news.at) for news in each.news])
            for each in receipt.claimed
        },
        "activities": {task.lease: task for task in receipt.activities},
        "cancelled": set(receipt.cancelled),
        "ends": receipt.ends,
        "now": receipt.now,
    }


def _kind(answer: object) -> object:
    return type(answer) if isinstance(answer, Exception) else answer


def _seconds(receipt: Receipt) -> float:
    """Until something is due; infinite if nothing is."""
    due = receipt.next_due
    return math.inf if due is None else (due - receipt.now).total_seconds()
