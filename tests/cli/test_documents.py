"""JSON: shapes that programs may rely on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_async.cli.documents import (
    error_document,
    event_document,
    instance_document,
    json_text,
    value_of,
)
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityFailed,
    ActivityScheduled,
    EventReceived,
    ExecutionStarted,
    TimerStarted,
)
from durable_async.model.identity import Caller
from durable_async.model.options import ActivityOptions, RetryRule
from durable_async.model.payload import Payload
from durable_async.model.status import InstanceState, PendingCall, RuntimeStatus

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
NOON_TEXT = "2026-01-31T12:00:00.000000Z"

FAILURE = Failure(
    type_name="shop:DeclinedError",
    message="no funds",
    traceback="Traceback ...",
    notes=("in activity charge",),
    cause=Failure(type_name="builtins:OSError", message="refused"),
    activity="charge",
    attempt=2,
    instance_id="o-1",
    mro=("shop:DeclinedError", "builtins:Exception"),
    arguments=Payload(b"[]"),
)
FAILURE_DOCUMENT: dict[str, Any] = {
    "type_name": "shop:DeclinedError",
    "message": "no funds",
    "notes": ["in activity charge"],
    "activity": "charge",
    "attempt": 2,
    "instance_id": "o-1",
    "traceback": "Traceback ...",
    "cause": {
        "type_name": "builtins:OSError",
        "message": "refused",
        "notes": [],
        "activity": None,
        "attempt": None,
        "instance_id": None,
        "traceback": "",
        "cause": None,
        "members": [],
    },
    "members": [],
}


def test_an_instance_has_every_field_also_those_that_have_nothing_to_say() -> None:
    state = InstanceState(
        id="o-1",
        execution_id="e",
        name="checkout",
        version=None,
        status=RuntimeStatus.RUNNING,
        custom_status=False,
        input=["o-1", [100]],
        output=None,
        failure=None,
        created_at=NOON,
        updated_at=NOON,
        completed_at=None,
        parent_id=None,
        tags={"customer": "c-17"},
        history_length=3,
        pending=(
            PendingCall(
                kind="activity",
                name="charge",
                attempt=3,
                due_at=NOON,
                last_failure=FAILURE,
                line="shop.py:20",
            ),
        ),
    )
    assert instance_document(state) == {
        "id": "o-1",
        "execution_id": "e",
        "name": "checkout",
        "version": None,
        "status": "RUNNING",
        "custom_status": False,
        "input": ["o-1", [100]],
        "output": None,
        "failure": None,
        "created_at": NOON_TEXT,
        "updated_at": NOON_TEXT,
        "completed_at": None,
        "parent_id": None,
        "tags": {"customer": "c-17"},
        "history_length": 3,
        "pending": [
            {
                "kind": "activity",
                "name": "charge",
                "attempt": 3,
                "due_at": NOON_TEXT,
                "last_failure": FAILURE_DOCUMENT,
                "line": "shop.py:20",
                "instance_id": None,
                "held_by": None,
            }
        ],
        "waiting_for": None,
        "blocked": None,
        "suspended": None,
        "reason": None,
        "start_at": None,
    }


@pytest.mark.parametrize(
    ("event", "document"),
    [
        (
            ExecutionStarted(
                format=1,
                instance_id="o-1",
                execution_id="e",
                name="n",
                input=Payload(b"[]"),
                parent=Caller("p", "e-0", 3),
                at=NOON,
            ),
            {
                "event": "ExecutionStarted",
                "format": 1,
                "instance_id": "o-1",
                "execution_id": "e",
                "name": "n",
                "version": None,
                "input": [],
                "parent": {"instance_id": "p", "execution_id": "e-0", "number": 3},
                "parent_id": "p",
                "queue": "default",
                "tags": {},
                "at": NOON_TEXT,
            },
        ),
        (
            TimerStarted(number=0, due=NOON, line="shop.py:3"),
            {"event": "TimerStarted", "number": 0, "due": NOON_TEXT, "line": "shop.py:3"},
        ),
        (
            ActivityFailed(number=1, failure=FAILURE),
            {
                "event": "ActivityFailed",
                "number": 1,
                "failure": FAILURE_DOCUMENT,
                "as_remote": False,
            },
        ),
        (
            EventReceived(name="approved", data=Payload(b'{"by":"Ann"}'), key="first"),
            {
                "event": "EventReceived",
                "name": "approved",
                "data": {"by": "Ann"},
                "key": "first",
                "request_id": None,
            },
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_history_event_has_its_kind_and_its_fields(event: Any, document: dict[str, Any]) -> None:
    assert event_document(event) == document


def test_the_options_of_an_activity_are_a_document_too() -> None:
    options = ActivityOptions(retry=RetryRule(max_attempts=5), timeout=2.5)
    event = ActivityScheduled(number=0, name="charge", input=Payload(b"[1]"), options=options)
    document = event_document(event)["options"]
    assert document["timeout"] == 2.5
    assert document["retry"]["max_attempts"] == 5
    assert document["retry"]["retry_on"] == ["builtins:Exception"]


def test_an_error_has_the_failure_of_the_instance_only_if_that_is_what_failed() -> None:
    assert error_document("StoreError", "no store") == {
        "error": {"type_name": "StoreError", "message": "no store", "failure": None}
    }
    assert error_document("E", "m", FAILURE)["error"]["failure"] == FAILURE_DOCUMENT


def test_a_payload_that_cannot_be_read_here_is_shown_as_its_bytes() -> None:
    assert value_of(Payload(b"\x00\x01", encoding="aes")) == {"encoding": "aes", "base64": "AAE="}
    assert value_of(Payload(b"[1,", encoding="json")) == {"encoding": "json", "base64": "WzEs"}


def test_an_int_of_any_size_is_written() -> None:
    digits = "7" * 5_000
    assert json_text([value_of(Payload(digits.encode()))]) == f"[{digits}]"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_a_document_is_ascii_and_reads_back_the_same(value: Any) -> None:
    text = json_text(value)
    assert text.isascii()
    assert json.loads(text) == value
