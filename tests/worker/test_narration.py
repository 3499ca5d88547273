"""The lines that a script shows of its instance."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from durable_async.convert.values import Converter
from durable_async.model.commands import (
    AwaitEvent,
    AwaitInstance,
    CallEntity,
    ReleaseLock,
    RequestLock,
    SendEvent,
    StartChild,
    StartInstance,
    StartTimer,
)
from durable_async.model.creation import CreateInstance
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    CallCompleted,
    CallFailed,
    CancelRequested,
    EpisodeStarted,
    EventReceived,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionContinued,
    ExecutionFailed,
)
from durable_async.model.identity import EntityId
from durable_async.model.options import ActivityOptions
from durable_async.model.outcome import Blocked, Outcome
from durable_async.model.payload import Payload
from durable_async.model.work import (
    ActivityLease,
    ActivityTask,
    AttemptCancelled,
    AttemptEnd,
    AttemptFailed,
    AttemptReleased,
    AttemptSucceeded,
)
from durable_async.worker.narration import Narrator
from durable_async.worker.progress import AttemptBegan, AttemptEnded, EpisodeEnded, Step

CONVERTER = Converter()
NOW = datetime.now(UTC)
DECLINED = Failure(type_name="shop:CardDeclined", message="no\nfunds")
NULL = Payload(b"null")


def told(*steps: Step) -> list[str]:
    lines: list[str] = []
    narrator = Narrator(lines.append, CONVERTER)
    for step in steps:
        narrator.observe(step)
    return lines


def task(input: bytes = b'["o-1",250]', attempt: int = 1) -> ActivityTask:
    return ActivityTask(
        lease=ActivityLease("i", "x", 0, 1),
        name="charge",
        input=Payload(input),
        options=ActivityOptions(),
        attempt=attempt,
        scheduled_at=NOW,
    )


def local(at: datetime, form: str) -> str:
    return at.astimezone().strftime(form)


@pytest.mark.parametrize(
    ("end", "seconds", "line"),
    [
        (AttemptSucceeded(NULL), 0.31, "charge o-1/250: 0.3 s"),
        (AttemptSucceeded(NULL), 0.0042, "charge o-1/250: 4 ms"),
        (AttemptSucceeded(NULL), 125, "charge o-1/250: 2 min 05 s"),
        (AttemptSucceeded(NULL), 7260, "charge o-1/250: 2 h 01 min"),
        (
            AttemptFailed(DECLINED, 1),
            2,
            "charge o-1/250: attempt 2 in 1.0 s (CardDeclined: no funds)",
        ),
        (AttemptFailed(DECLINED), 2, "charge o-1/250: failed after 2.0 s (CardDeclined: no funds)"),
        (AttemptCancelled(), 2, "charge o-1/250: cancelled after 2.0 s"),
        (AttemptReleased(), 2, "charge o-1/250: stopped after 2.0 s, to be run again"),
    ],
)
def test_an_attempt_is_one_line(end: AttemptEnd, seconds: float, line: str) -> None:
    assert told(AttemptBegan(task()), AttemptEnded(task(), end, seconds)) == [line]


@pytest.mark.parametrize(
    ("input", "title"),
    [
        (b"[]", "charge"),
        (b'[null,"a b",[1,2]]', "charge None/a b/[1, 2]"),
        (b'{"args":[1],"kwargs":{"gift":true}}', "charge 1/gift=True"),
        (b'["line\\nbreak"]', "charge line break"),
    ],
)
def test_a_call_is_known_by_its_arguments(input: bytes, title: str) -> None:
    assert told(AttemptEnded(task(input), AttemptSucceeded(NULL), 1)) == [f"{title}: 1.0 s"]


def test_long_arguments_are_cut() -> None:
    (line,) = told(AttemptEnded(task(b'["' + b"x" * 500 + b'"]'), AttemptSucceeded(NULL), 1))
    assert re.fullmatch(r"charge x{47}…: 1\.0 s", line)


def test_waits_and_ends_are_told() -> None:
    due = NOW + timedelta(seconds=90)
    outcome = Outcome(
        events=(EventReceived(name="paid", data=NULL),),
        commands=(
            StartTimer(number=1, due=due),
            StartTimer(number=2, due=NOW + timedelta(milliseconds=5)),
            AwaitEvent(number=3, name="approved"),
        ),
        ended=ExecutionCompleted(result=NULL),
    )
    day = "%Y-%m-%d " if local(due, "%d") != local(NOW, "%d") else ""
    assert told(EpisodeEnded("i", outcome, NOW)) == [
        "event paid: received",
        f"timer until {local(due, day + '%H:%M:%S')}",
        "waiting for event approved",
        "completed",
    ]


def test_a_failed_end_is_told_with_its_error() -> None:
    outcome = Outcome(events=(), ended=ExecutionFailed(failure=DECLINED))
    assert told(EpisodeEnded("i", outcome, NOW)) == ["failed (CardDeclined: no funds)"]


def request_of(name: str, instance_id: str) -> CreateInstance:
    return CreateInstance(
        instance_id=instance_id, execution_id="x", name=name, input=Payload(b'["o-1"]')
    )


def test_children_locks_and_calls_are_told_when_they_begin_and_end() -> None:
    counter = EntityId("Counter", "k")
    asked = Outcome(
        events=(EventReceived(name="price", data=NULL, request_id="r"),),
        commands=(
            AwaitEvent(number=0, name="price", request=True),
            StartChild(number=1, request=request_of("ship", "child-1")),
            StartInstance(number=2, request=request_of("audit", "free-1")),
            AwaitInstance(number=3, instance_id="free-1"),
            RequestLock(number=4, entities=(EntityId("", "till"), counter)),
            CallEntity(number=5, entity=counter, operation="add", input=NULL),
            SendEvent(number=6, instance_id="other", name="news", data=NULL),
        ),
    )
    answered = Outcome(
        events=(
            CallCompleted(number=1),
            CallFailed(number=3, failure=DECLINED),
            CallCompleted(number=4),
            CallCompleted(number=5),
            CancelRequested(reason="enough"),
        ),
        commands=(ReleaseLock(number=4),),
        ended=ExecutionCancelled(reason="enough"),
    )
    assert told(EpisodeEnded("i", asked, NOW), EpisodeEnded("i", answered, NOW)) == [
        "request price: received",
        "waiting for request price",
        "child ship o-1: started as child-1",
        "audit o-1: started as free-1, to live on its own",
        "waiting for instance free-1",
        "waiting for lock till, Counter k",
        "event news: sent to other",
        "child ship o-1: done",
        "instance free-1: failed (CardDeclined: no funds)",
        "lock till, Counter k: taken",
        "Counter k: add: done",
        "asked to cancel itself (enough)",
        "lock till, Counter k: released",
        "cancelled (enough)",
    ]


def test_going_on_as_new_is_told() -> None:
    ended = ExecutionContinued(request=request_of("count", "i"))
    assert told(EpisodeEnded("i", Outcome(events=(), ended=ended), NOW)) == ["goes on as count o-1"]


def test_what_others_do_is_told_with_their_ids() -> None:
    lines: list[str] = []
    narrator = Narrator(lines.append, CONVERTER, "root")
    outcome = Outcome(events=(), ended=ExecutionCompleted(result=NULL))
    for instance_id in ("child", "root"):
        narrator.observe(EpisodeEnded(instance_id, outcome, NOW))
    assert lines == ["[child] completed", "completed"]


def test_what_raises_an_error_is_no_line() -> None:
    assert told(EpisodeEnded("i", Blocked(reason="mismatch", message="m"), NOW)) == []


def test_what_was_done_before_is_recalled_with_its_time() -> None:
    yesterday = NOW - timedelta(days=1)
    scheduled: dict[str, Any] = {"name": "charge", "input": Payload(b'["o-1",250]')}
    lines: list[str] = []
    Narrator(lines.append, CONVERTER).recall(
        [
            EpisodeStarted(at=yesterday),
            ActivityScheduled(number=0, **scheduled),
            ActivityScheduled(number=1, **scheduled),
            ActivityScheduled(number=2, **scheduled),
            EpisodeStarted(at=yesterday),
            ActivityCompleted(number=0, result=NULL),
            EpisodeStarted(at=NOW),
            ActivityFailed(number=1, failure=DECLINED),
            EventReceived(name="paid", data=NULL),
        ]
    )
    assert lines == [
        f"charge o-1/250: kept from {local(yesterday, '%Y-%m-%d %H:%M')}",
        "charge o-1/250: failed then (CardDeclined: no funds)",
        f"event paid: kept from {local(NOW, '%H:%M')}",
    ]
