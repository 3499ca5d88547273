"""Pages: what people are shown of instances and of what happened to them."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from durable_async.cli.blocks import Block
from durable_async.cli.drawing import draw
from durable_async.cli.histories import history_page
from durable_async.cli.pages import failure_blocks, instance_page, list_page
from durable_async.cli.times import local_text
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    EpisodeStarted,
    EventAwaited,
    EventReceived,
    EventWaitCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    ExecutionTerminated,
    HistoryEvent,
    SideEffectRecorded,
    TimerCancelled,
    TimerFired,
    TimerStarted,
)
from durable_async.model.payload import Payload
from durable_async.model.status import InstanceState, PendingCall, RuntimeStatus

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
HERE = local_text(NOON)

STATE = InstanceState(
    id="o-1",
    execution_id="e-1",
    name="checkout",
    version=None,
    status=RuntimeStatus.RUNNING,
    custom_status=None,
    input=["o-1"],
    output=None,
    failure=None,
    created_at=NOON,
    updated_at=NOON,
    completed_at=None,
    parent_id=None,
    tags={},
    history_length=1,
)
DECLINED = Failure(type_name="shop:DeclinedError", message="no funds")


def read(blocks: list[Block]) -> str:
    stream = io.StringIO()
    draw(blocks, stream)
    return stream.getvalue()


def shown(state: InstanceState) -> str:
    return read(instance_page(state, now=NOON + timedelta(minutes=2)))


def test_an_instance_is_shown_with_what_is_known_and_no_empty_lines_for_the_rest() -> None:
    assert shown(STATE) == (
        "o-1\n"
        "  orchestrator  checkout\n"
        "  status        RUNNING\n"
        '  input         ["o-1"]\n'
        f"  created       {HERE} (2m ago)\n"
        f"  updated       {HERE} (2m ago)\n"
        "  history       1 event\n"
        "  execution     e-1\n"
    )


def test_an_instance_that_has_ended_shows_its_output_also_if_that_is_null() -> None:
    ended = attrs.evolve(STATE, status=RuntimeStatus.COMPLETED, completed_at=NOON)
    assert "  output        null\n" in shown(ended)
    assert f"  ended         {HERE} (2m ago)\n" in shown(ended)


def test_what_holds_an_instance_up_is_shown() -> None:
    blocked = attrs.evolve(STATE, status=RuntimeStatus.BLOCKED, blocked="mismatch: roll back")
    assert "  blocked       mismatch: roll back\n" in shown(blocked)
    assert "  waiting for   nothing\n" in shown(attrs.evolve(STATE, waiting_for="nothing"))


def test_version_parent_tags_and_custom_status_are_shown_if_there_are_any() -> None:
    page = shown(
        attrs.evolve(
            STATE,
            version="2",
            parent_id="p-1",
            tags={"a": "1", "b": "x y"},
            custom_status=0,
            history_length=1234,
        )
    )
    for line in (
        "  orchestrator   checkout (version 2)\n",
        "  parent         p-1\n",
        "  tags           a=1, b=x y\n",
        "  custom status  0\n",
        "  history        1,234 events\n",
    ):
        assert line in page


def test_what_an_instance_waits_for_is_a_table() -> None:
    later = NOON + timedelta(minutes=5)
    line = f"{Path.cwd() / 'shop.py'}:3"
    pending = (
        PendingCall(kind="activity", name="charge", attempt=1, line=line),
        PendingCall(
            kind="activity", name="ship", attempt=3, due_at=later, last_failure=DECLINED, line=line
        ),
        PendingCall(kind="timer", name="", due_at=later, line="/far/away.py:4"),
        PendingCall(kind="event", name="approved", line="odd"),
    )
    table = shown(attrs.evolve(STATE, pending=pending)).partition("\n\n")[2]
    due = f"due {local_text(later)} (in 3m)"
    failed = f"attempt 3 {due}; last failure: shop.DeclinedError: no funds"
    rows = [line.split("  ") for line in table.splitlines()]
    assert [[cell.strip() for cell in row if cell.strip()] for row in rows] == [
        ["WAITS FOR", "NAME", "HOW IT GOES", "LINE"],
        ["activity", "charge", "attempt 1 runs", "shop.py:3"],
        ["activity", "ship", failed, "shop.py:3"],
        ["timer", due, "/far/away.py:4"],
        ["event", "approved", "odd"],
    ]


def test_a_long_value_is_cut_and_says_how_long_it_is() -> None:
    page = shown(attrs.evolve(STATE, input=["x" * 5_000]))
    assert "... (5,004 characters)" in page
    assert len(page) < 3_000


def test_a_failure_is_shown_with_notes_causes_members_and_traceback() -> None:
    failure = Failure(
        type_name="builtins:ExceptionGroup",
        message="two",
        notes=("a note\nof two lines",),
        members=(DECLINED, Failure(type_name="builtins:OSError", message="")),
        cause=Failure(type_name="builtins:KeyError", message="'k'", cause=DECLINED),
        traceback="Traceback:\n  line\n",
    )
    assert read(failure_blocks(failure)) == (
        "ExceptionGroup: two\n"
        "  a note\n"
        "  of two lines\n"
        "  shop.DeclinedError: no funds\n"
        "  OSError\n"
        "caused by:\n"
        "  KeyError: 'k'\n"
        "  caused by:\n"
        "    shop.DeclinedError: no funds\n"
        "\n"
        "  Traceback:\n"
        "    line\n"
    )
    assert "no funds" in shown(attrs.evolve(STATE, failure=DECLINED))


def test_no_instances_are_a_sentence() -> None:
    assert read(list_page([])) == "no instances\n"


@pytest.mark.parametrize(
    ("event", "row"),
    [
        (
            ExecutionStarted(
                format=1,
                instance_id="o-1",
                execution_id="e-1",
                name="checkout",
                input=Payload(b'["o-1",{"a":1}]'),
                at=NOON,
            ),
            f'{HERE} ExecutionStarted checkout("o-1", {{"a": 1}})',
        ),
        (EpisodeStarted(at=NOON), f"{HERE} EpisodeStarted"),
        (TimerStarted(number=0, due=NOON, line="/a.py:1"), f"TimerStarted 0 due {HERE} /a.py:1"),
        (TimerFired(number=0), "TimerFired 0"),
        (TimerCancelled(number=0), "TimerCancelled 0"),
        (
            ActivityScheduled(
                number=1, name="charge", input=Payload(b'{"args":[1],"kwargs":{}}'), line="/a.py:2"
            ),
            'ActivityScheduled 1 charge {"args": [1], "kwargs": {}} /a.py:2',
        ),
        (ActivityCompleted(number=1, result=Payload(b"null")), "ActivityCompleted 1 null"),
        (
            ActivityFailed(number=1, failure=DECLINED),
            "ActivityFailed 1 shop.DeclinedError: no funds",
        ),
        (ActivityCancelRequested(number=1), "ActivityCancelRequested 1"),
        (ActivityCancelled(number=1), "ActivityCancelled 1"),
        (EventAwaited(number=2, name="approved"), "EventAwaited 2 approved"),
        (EventWaitCancelled(number=2), "EventWaitCancelled 2"),
        (
            EventReceived(name="approved", data=Payload(b"true"), key="k"),
            "EventReceived approved: true (key k)",
        ),
        (EventReceived(name="approved", data=Payload(b"0")), "EventReceived approved: 0"),
        (
            SideEffectRecorded(number=3, name="read", result=Payload(b"7")),
            "SideEffectRecorded 3 read: 7",
        ),
        (
            SideEffectRecorded(number=3, name="read", failure=DECLINED),
            "SideEffectRecorded 3 read: shop.DeclinedError: no funds",
        ),
        (ExecutionCompleted(result=Payload(b"[]")), "ExecutionCompleted []"),
        (ExecutionFailed(failure=DECLINED), "ExecutionFailed shop.DeclinedError: no funds"),
        (
            ExecutionTerminated(reason="by mistake", at=NOON),
            f"{HERE} ExecutionTerminated by mistake",
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_history_event_is_a_row(event: HistoryEvent, row: str) -> None:
    title, line = read(history_page([event])).splitlines()
    assert title.split() == ["#", "TIME", "EVENT", "CALL", "WHAT", "LINE"]
    assert " ".join(line.split()) == f"0 {row}"
