"""Pages: what people are shown of instances and of what happened to them."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import attrs
import pytest

from durable_async.cli.blocks import Block
from durable_async.cli.drawing import draw
from durable_async.cli.histories import history_page
from durable_async.cli.pages import count_text, failure_blocks, instance_page, list_page
from durable_async.cli.times import local_text
from durable_async.model import history as events
from durable_async.model.creation import CreateInstance
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    CallCompleted,
    CallFailed,
    CancelRequested,
    CancelSent,
    ChildCancelRequested,
    ChildStarted,
    EntityCallCancelled,
    EntityCalled,
    EntitySignalled,
    EpisodeStarted,
    EventAwaited,
    EventReceived,
    EventSent,
    EventWaitCancelled,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionContinued,
    ExecutionFailed,
    ExecutionStarted,
    ExecutionTerminated,
    HistoryEvent,
    InstanceAwaited,
    InstanceStarted,
    InstanceWaitCancelled,
    LockReleased,
    LockRequested,
    PatchMarked,
    RequestAnswered,
    SideEffectRecorded,
    TimerCancelled,
    TimerFired,
    TimerStarted,
)
from durable_async.model.identity import NAMED_LOCK, EntityId
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


def test_an_instance_that_is_started_for_later_shows_when_it_begins() -> None:
    later = NOON + timedelta(hours=1, minutes=2)
    state = attrs.evolve(STATE, status=RuntimeStatus.PENDING, start_at=later)
    assert f"  begins at     {local_text(later)} (in 1h)\n" in shown(state)


def test_an_instance_that_has_ended_shows_its_output_also_if_that_is_null() -> None:
    ended = attrs.evolve(STATE, status=RuntimeStatus.COMPLETED, completed_at=NOON)
    assert "  output        null\n" in shown(ended)
    assert f"  ended         {HERE} (2m ago)\n" in shown(ended)


def test_what_holds_an_instance_up_is_shown() -> None:
    blocked = attrs.evolve(STATE, status=RuntimeStatus.BLOCKED, blocked="mismatch: roll back")
    assert "  blocked       mismatch\n  what to do    roll back\n" in shown(blocked)
    assert "  waiting for   nothing\n" in shown(attrs.evolve(STATE, waiting_for="nothing"))
    missing = shown(attrs.evolve(STATE, waiting_for="activity 'charge'"))
    assert "  waiting for   activity 'charge', which no live worker has\n" in missing


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


CHILD = CreateInstance(
    instance_id="o-1:4", execution_id="e-2", name="ship", input=Payload(b'["o-1",2]')
)
CART = EntityId("Cart", "k")

ROWS: list[tuple[HistoryEvent, str]] = [
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
    (
        ChildStarted(number=4, request=CHILD, line="/a.py:3"),
        'ChildStarted 4 ship("o-1", 2) -> o-1:4 /a.py:3',
    ),
    (ChildCancelRequested(number=4), "ChildCancelRequested 4"),
    (
        InstanceStarted(number=4, request=attrs.evolve(CHILD, version="2")),
        'InstanceStarted 4 ship("o-1", 2) (version 2) -> o-1:4',
    ),
    (InstanceAwaited(number=5, instance_id="b"), "InstanceAwaited 5 b"),
    (InstanceWaitCancelled(number=5), "InstanceWaitCancelled 5"),
    (CallCompleted(number=4, result=Payload(b"7")), "CallCompleted 4 7"),
    (CallCompleted(number=4), "CallCompleted 4"),
    (CallFailed(number=4, failure=DECLINED), "CallFailed 4 shop.DeclinedError: no funds"),
    (
        EventSent(number=6, instance_id="b", name="go", data=Payload(b"1")),
        "EventSent 6 go: 1 -> b",
    ),
    (CancelSent(number=6, instance_id="b", reason="late"), "CancelSent 6 late -> b"),
    (CancelSent(number=6, instance_id="b"), "CancelSent 6 -> b"),
    (RequestAnswered(number=7, request_id="r", result=Payload(b"9")), "RequestAnswered 7 9"),
    (
        RequestAnswered(number=7, request_id="r", reason="no"),
        "RequestAnswered 7 rejected: no",
    ),
    (EventAwaited(number=7, name="price", request=True), "EventAwaited 7 request price"),
    (
        EventReceived(name="price", data=Payload(b"1"), request_id="r"),
        "EventReceived request price: 1",
    ),
    (
        EntityCalled(number=8, entity=CART, operation="add", input=Payload(b"[5]")),
        "EntityCalled 8 Cart 'k' add(5)",
    ),
    (EntityCallCancelled(number=8), "EntityCallCancelled 8"),
    (
        EntitySignalled(number=8, entity=CART, operation="reset", input=Payload(b"[]")),
        "EntitySignalled 8 Cart 'k' reset()",
    ),
    (
        EntitySignalled(number=8, entity=CART, operation="reset", input=Payload(b"[]"), due=NOON),
        f"EntitySignalled 8 Cart 'k' reset(), due {HERE}",
    ),
    (
        LockRequested(number=9, entities=(EntityId(NAMED_LOCK, "till"), CART)),
        "LockRequested 9 'till', Cart 'k'",
    ),
    (LockReleased(number=9), "LockReleased 9"),
    (PatchMarked(id="faster"), "PatchMarked faster"),
    (CancelRequested(reason="too late"), "CancelRequested too late"),
    (ExecutionCancelled(reason="too late"), "ExecutionCancelled too late"),
    (
        ExecutionContinued(request=CHILD, line="/a.py:9"),
        'ExecutionContinued as ship("o-1", 2) /a.py:9',
    ),
    (
        ActivityFailed(number=1, failure=attrs.evolve(DECLINED, attempt=3)),
        "ActivityFailed 1 shop.DeclinedError: no funds (after 3 attempts)",
    ),
    (ExecutionCompleted(result=Payload(b"[]")), "ExecutionCompleted []"),
    (ExecutionFailed(failure=DECLINED), "ExecutionFailed shop.DeclinedError: no funds"),
    (
        ExecutionTerminated(reason="by mistake", at=NOON),
        f"{HERE} ExecutionTerminated by mistake",
    ),
]


@pytest.mark.parametrize(
    ("event", "row"), ROWS, ids=lambda value: "" if isinstance(value, str) else type(value).__name__
)
def test_a_history_event_is_a_row(event: HistoryEvent, row: str) -> None:
    title, line = read(history_page([event])).splitlines()
    assert title.split() == ["#", "TIME", "EVENT", "CALL", "WHAT", "LINE"]
    assert " ".join(line.split()) == f"0 {row}"


def test_every_kind_of_event_has_a_row_here() -> None:
    assert {type(event) for event, _ in ROWS} == set(get_args(events.HistoryEvent))


def test_attempts_that_failed_are_told_below_the_history() -> None:
    later = NOON + timedelta(minutes=5)
    waits = attrs.evolve(
        STATE,
        pending=(
            PendingCall(
                kind="activity", name="ship", attempt=3, due_at=later, last_failure=DECLINED
            ),
            PendingCall(kind="activity", name="pack", attempt=2, last_failure=DECLINED),
            PendingCall(kind="activity", name="charge", attempt=1),
        ),
    )
    _, table = read(history_page([EpisodeStarted(at=NOON)], waits)).split("\n\n")
    rows = [
        [cell.strip() for cell in line.split("  ") if cell.strip()] for line in table.splitlines()
    ]
    assert rows == [
        ["UNDER WAY", "ATTEMPTS FAILED", "LAST FAILURE", "NEXT ATTEMPT"],
        ["activity ship", "2", "shop.DeclinedError: no funds", f"again at {local_text(later)}"],
        ["activity pack", "1", "shop.DeclinedError: no funds", "running now"],
    ]


def test_the_traceback_of_the_last_attempt_is_shown() -> None:
    failure = attrs.evolve(DECLINED, traceback='File "shop.py", line 7, in ship')
    pending = (PendingCall(kind="activity", name="ship", attempt=2, last_failure=failure),)
    page = shown(attrs.evolve(STATE, pending=pending))
    assert "activity ship: the last failure\n" in page
    assert '  File "shop.py", line 7, in ship\n' in page


def test_why_an_instance_is_suspended_is_shown() -> None:
    assert "  suspended     stocktaking\n" in shown(attrs.evolve(STATE, suspended="stocktaking"))


def test_one_of_them_is_no_more_than_one() -> None:
    texts = [count_text(number, "live instance") for number in (0, 1, 2, 1_204)]
    assert texts == [
        "0 live instances",
        "1 live instance",
        "2 live instances",
        "1,204 live instances",
    ]


def test_why_an_instance_was_cancelled_is_shown() -> None:
    ended = attrs.evolve(STATE, status=RuntimeStatus.CANCELLED, reason="the customer called")
    assert "  status        CANCELLED\n  reason        the customer called\n" in shown(ended)
    assert "reason" not in shown(attrs.evolve(ended, reason=""))


def test_a_mismatch_is_shown_as_a_check_shows_it_and_what_to_do_fits_a_terminal() -> None:
    text = (
        "mismatch: instance 'o-1' (checkout): its code no longer fits its history: event 2 says "
        "activity 'reserve' scheduled at flows.py:30, but the code asks for activity 'charge' at "
        f"flows.py:31. If the code has changed, {'roll it back, ' * 20}or terminate it"
    )
    page = shown(attrs.evolve(STATE, status=RuntimeStatus.BLOCKED, blocked=text))
    assert (
        "  blocked       mismatch at flows.py:31\n"
        "  history says  activity 'reserve' scheduled at flows.py:30\n"
        "  instead       the code asks for activity 'charge' at flows.py:31\n"
        "  what to do    If the code has changed, roll it back, "
    ) in page
    assert max(map(len, page.splitlines())) < 80
    assert page.count("o-1") == 2  # as its title, and in its input


def test_who_holds_what_is_waited_for_is_shown() -> None:
    pending = (PendingCall(kind="lock", name="'stock'", line="shop.py:8", held_by="o-7"),)
    rows = shown(attrs.evolve(STATE, pending=pending)).splitlines()
    assert rows[-1].split("  ")[-2:] == ["held by o-7", "shop.py:8"]
