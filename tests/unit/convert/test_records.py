"""What was once written can be read for good; what cannot be read is said to be so."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from durable_async.convert.records import (
    CHUNK_FORMAT,
    KINDS,
    Kind,
    UnknownEventError,
    checksum,
    decode_events,
    decode_record,
    encode_events,
    encode_record,
    event_as_json,
    kind_of,
    reader_of,
)
from durable_async.errors import SerializationError, StoreError
from durable_async.model import history
from durable_async.model.creation import CreateInstance
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    EpisodeStarted,
    EventReceived,
    ExecutionStarted,
    HistoryEvent,
    TimerFired,
    TimerStarted,
)
from durable_async.model.identity import Caller, EntityId
from durable_async.model.options import ActivityOptions, RetryRule
from durable_async.model.payload import Payload

AT = datetime(2026, 1, 31, 12, 30, 15, 250_001, tzinfo=UTC)

FAILURE = Failure(
    type_name="shop:Declined",
    message="declined",
    traceback="Traceback ...",
    notes=("a note",),
    cause=Failure(type_name="builtins:KeyError", message="'k'"),
    activity="charge",
    attempt=2,
    instance_id="order-1",
    mro=("shop:Declined", "builtins:Exception"),
    arguments=Payload(b'{"args":["declined"]}'),
    members=(Failure(type_name="builtins:ValueError", message="m"),),
)
OPTIONS = ActivityOptions(
    queue="mail",
    retry=RetryRule(
        max_attempts=5,
        initial_interval=0.5,
        backoff=3.0,
        max_interval=10.0,
        timeout=100.0,
        jitter=0.25,
        retry_on=("shop:Declined",),
        non_retryable=("builtins:KeyError",),
    ),
    timeout=1.5,
    heartbeat_timeout=0.5,
    on_lost="fail",
    tags={"team": "a"},
    summary="charge the card",
)

# ---- strategies: every class of event, every field -------------------------------------------

texts = st.text(max_size=12)
moments = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0))
numbers = st.integers(0, 2**40)
seconds = st.floats(0, 1e6)
tags = st.dictionaries(texts, texts, max_size=2)
payloads = st.builds(Payload, st.binary(max_size=40), st.sampled_from(["json", "aes"]))
plain_failures = st.builds(
    Failure,
    type_name=texts,
    message=texts,
    traceback=texts,
    notes=st.lists(texts, max_size=2).map(tuple),
    activity=st.none() | texts,
    attempt=st.none() | numbers,
    instance_id=st.none() | texts,
    mro=st.lists(texts, max_size=2).map(tuple),
    arguments=st.none() | payloads,
)
failures = st.builds(
    lambda outer, cause, members: attrs.evolve(outer, cause=cause, members=tuple(members)),
    plain_failures,
    st.none() | plain_failures,
    st.lists(plain_failures, max_size=2),
)
rules = st.builds(
    RetryRule,
    max_attempts=numbers,
    initial_interval=seconds,
    timeout=st.none() | seconds,
    retry_on=st.lists(texts, max_size=2).map(tuple),
)
options = st.builds(
    ActivityOptions,
    queue=texts,
    retry=st.none() | rules,
    timeout=st.none() | seconds,
    on_lost=st.sampled_from(["retry", "fail"]),
    tags=tags,
)
entities = st.builds(EntityId, texts, texts)
callers = st.builds(Caller, texts, texts, numbers)
creations = st.builds(
    CreateInstance,
    instance_id=texts,
    execution_id=texts,
    name=texts,
    version=st.none() | texts,
    newest=st.booleans(),
    input=payloads,
    parent=st.none() | callers,
    queue=texts,
    tags=tags,
    start_at=st.none() | moments,
    if_exists=st.sampled_from(["raise", "attach", "replace"]),
)
BY_TYPE = {
    int: numbers,
    str: texts,
    bool: st.booleans(),
    datetime: moments,
    Payload: payloads,
    Failure: failures,
    str | None: st.none() | texts,
    Payload | None: st.none() | payloads,
    Failure | None: st.none() | failures,
    ActivityOptions | None: st.none() | options,
    dict[str, str]: tags,
    int | None: st.none() | numbers,
    datetime | None: st.none() | moments,
    Caller | None: st.none() | callers,
    EntityId: entities,
    tuple[EntityId, ...]: st.lists(entities, max_size=3).map(tuple),
    CreateInstance: creations,
}


def events_of(kind: type[Any]) -> st.SearchStrategy[Any]:
    resolved = attrs.resolve_types(kind)
    return st.builds(kind, **{f.name: BY_TYPE[f.type] for f in attrs.fields(resolved)})


EVENTS = [kind.event for kind in KINDS if kind.upcast is None]
events = st.one_of([events_of(kind) for kind in EVENTS])

# ---- chunks ----------------------------------------------------------------------------------


def test_every_class_of_event_has_a_code_of_its_own() -> None:
    assert set(EVENTS) == set(history.HistoryEvent.__args__)  # type: ignore[attr-defined]
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert all(0 <= code <= 255 for code in codes)


@given(st.lists(events, max_size=6))
def test_events_come_back_equal(chunk: list[HistoryEvent]) -> None:
    assert decode_events(encode_events(chunk)) == tuple(chunk)


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
@settings(max_examples=25)
@given(st.data())
def test_each_kind_of_event_comes_back_equal(kind: type[Any], data: st.DataObject) -> None:
    event = data.draw(events_of(kind))
    (back,) = decode_events(encode_events([event]))
    assert type(back) is kind
    assert back == event


def test_a_sequential_step_is_small() -> None:
    step: list[HistoryEvent] = [
        EpisodeStarted(at=AT),
        ActivityCompleted(number=3, result=Payload(b"251")),
        ActivityScheduled(number=4, name="increment", input=Payload(b"[251]"), fingerprint=2**31),
    ]
    assert len(encode_events(step)) <= 170


# Events of every kind, every field set, as they were first written. Never rewritten.
FIRST = Path(__file__).with_name("golden_chunk_1.hex")
SECOND = Path(__file__).with_name("golden_chunk_2.hex")
EVENTS_OF_FIRST: list[HistoryEvent] = [
    ExecutionStarted(
        format=1,
        instance_id="order-1",
        execution_id="e-1",
        name="checkout",
        version="2",
        input=Payload(b'["o-1",[100]]'),
        tags={"shop": "1"},
        at=AT,
    ),
    EpisodeStarted(at=AT),
    TimerStarted(number=0, due=AT, line="flows.py:10"),
    TimerFired(number=0),
    history.TimerCancelled(number=1),
    ActivityScheduled(
        number=2,
        name="charge",
        input=Payload(b'["o-1",100]', "aes"),
        fingerprint=2**32 - 1,
        line="flows.py:12",
        options=OPTIONS,
    ),
    ActivityCompleted(number=2, result=Payload(b"null")),
    ActivityFailed(number=3, failure=FAILURE, as_remote=True),
    history.ActivityCancelRequested(number=4),
    history.ActivityCancelled(number=4),
    history.EventAwaited(number=5, name="approved", line="flows.py:14"),
    history.EventWaitCancelled(number=5),
    EventReceived(name="approved", data=Payload(b"true"), key="first"),
    history.SideEffectRecorded(
        number=6, name="now", result=Payload(b"5"), failure=FAILURE, line="flows.py:16"
    ),
    history.ExecutionCompleted(result=Payload(b"[]")),
    history.ExecutionFailed(failure=FAILURE),
    history.ExecutionTerminated(reason="by hand", at=AT),
]

# What came with children, entities, locks, requests and patches.
CREATION = CreateInstance(
    instance_id="o-2",
    execution_id="e-2",
    name="ship",
    version="2",
    newest=True,
    input=Payload(b"[7]"),
    parent=Caller("order-1", "e-1", 4),
    queue="slow",
    tags={"to": "sea"},
    start_at=AT,
    if_exists="attach",
)
COUNTER = EntityId("Counter", "k")
EVENTS_OF_SECOND: list[HistoryEvent] = [
    ExecutionStarted(
        format=1,
        instance_id="order-1",
        execution_id="e-1",
        name="checkout",
        version="2",
        input=Payload(b"[]"),
        parent=Caller("order-0", "e-0", 3),
        queue="slow",
        tags={"shop": "1"},
        at=AT,
    ),
    history.EventAwaited(number=0, name="quote", line="flows.py:10", request=True),
    EventReceived(name="quote", data=Payload(b"5"), request_id="r-1"),
    history.RequestAnswered(
        number=1, request_id="r-1", result=Payload(b"6"), reason="no", line="flows.py:11"
    ),
    history.ChildStarted(number=2, request=CREATION, fingerprint=2**32 - 1, line="flows.py:12"),
    history.ChildCancelRequested(number=2),
    history.InstanceStarted(number=3, request=CREATION, fingerprint=1, line="flows.py:13"),
    history.InstanceAwaited(number=4, instance_id="o-2", line="flows.py:14"),
    history.InstanceWaitCancelled(number=4),
    history.CallCompleted(number=3, result=Payload(b"null")),
    history.CallFailed(number=4, failure=FAILURE, as_remote=True),
    history.EventSent(
        number=5, instance_id="o-2", name="go", data=Payload(b"1"), line="flows.py:15"
    ),
    history.CancelSent(number=6, instance_id="o-2", reason="late", line="flows.py:16"),
    history.EntityCalled(
        number=7,
        entity=COUNTER,
        operation="add",
        input=Payload(b"[1]"),
        fingerprint=2,
        lock=9,
        line="flows.py:17",
    ),
    history.EntityCallCancelled(number=7),
    history.EntitySignalled(
        number=8,
        entity=COUNTER,
        operation="reset",
        input=Payload(b"[]"),
        fingerprint=3,
        due=AT,
        line="flows.py:18",
    ),
    history.LockRequested(number=9, entities=(COUNTER, EntityId("", "stock")), line="flows.py:19"),
    history.LockReleased(number=9),
    history.PatchMarked(id="charge-first"),
    history.CancelRequested(reason="late"),
    history.ExecutionFailed(failure=FAILURE, cut=12),
    history.ExecutionCancelled(reason="late"),
    history.ExecutionContinued(request=CREATION, fingerprint=4, line="flows.py:20"),
]


@pytest.mark.parametrize(
    ("file", "written"),
    [(FIRST, EVENTS_OF_FIRST), (SECOND, EVENTS_OF_SECOND)],
    ids=["first", "second"],
)
def test_what_was_once_written_reads_as_it_was(file: Path, written: list[HistoryEvent]) -> None:
    """What this release cannot read any more, no store can: mend the reader, not the file."""
    assert decode_events(bytes.fromhex(file.read_text())) == tuple(written)


def test_every_class_of_event_was_once_written() -> None:
    assert {type(event) for event in EVENTS_OF_FIRST + EVENTS_OF_SECOND} == set(EVENTS)


def test_a_field_that_was_added_with_a_default_reads_old_rows() -> None:
    row = msgspec.msgpack.encode((1, bytes([3]), [{"number": 1, "due": AT}]))
    assert decode_events(row) == (TimerStarted(number=1, due=AT),)


def test_a_field_of_a_newer_release_is_passed_over() -> None:
    row = msgspec.msgpack.encode((1, bytes([4]), [{"number": 1, "reason": "new"}]))
    assert decode_events(row) == (TimerFired(number=1),)


def test_an_old_shape_is_read_through_its_upcaster() -> None:
    def upcast(fields: dict[str, Any]) -> dict[str, Any]:
        return {"number": fields["id"], "due": fields["at"]}

    read = reader_of(Kind(200, TimerStarted, upcast))
    assert read(msgspec.msgpack.encode({"id": 7, "at": AT})) == TimerStarted(number=7, due=AT)


def test_an_unknown_kind_or_format_is_no_damage() -> None:
    with pytest.raises(UnknownEventError, match=r"an event of kind 250.*update this process"):
        decode_events(msgspec.msgpack.encode((1, bytes([4, 250]), [{"number": 1}, {}])))
    with pytest.raises(UnknownEventError, match="in format 2, and this release reads up to 1"):
        decode_events(msgspec.msgpack.encode((2, b"", [])))
    with pytest.raises(UnknownEventError, match="in format 2"):
        decode_events(msgspec.msgpack.encode([CHUNK_FORMAT + 1, "another layout"]))
    assert issubclass(UnknownEventError, StoreError)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"{}",
        msgspec.msgpack.encode((1, bytes([4, 4]), [{"number": 1}])),
        msgspec.msgpack.encode((0, b"", [])),
        msgspec.msgpack.encode((1, bytes([4]), [{}])),
        msgspec.msgpack.encode((1, bytes([4]), [{"number": "1"}])),
        msgspec.msgpack.encode((1, bytes([4]), [5])),
    ],
)
def test_torn_bytes_are_said_to_be_damaged(data: bytes) -> None:
    with pytest.raises(StoreError, match="damaged") as caught:
        decode_events(data)
    assert not isinstance(caught.value, UnknownEventError)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        decode_events(data)
    except StoreError:
        return


@given(st.lists(events, min_size=1, max_size=3), st.data())
def test_cut_or_flipped_bytes_raise_typed_errors_only(
    chunk: list[HistoryEvent], data: st.DataObject
) -> None:
    stored = bytearray(encode_events(chunk))
    cut = data.draw(st.integers(0, len(stored) - 1))
    bit = data.draw(st.integers(0, len(stored) * 8 - 1))
    flipped = bytearray(stored)
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(StoreError):
        decode_events(bytes(stored[:cut]))
    try:
        decode_events(bytes(flipped))
    except StoreError:
        return


def test_text_that_is_no_unicode_is_refused_when_written() -> None:
    with pytest.raises(SerializationError, match="lone surrogates"):
        encode_events([EventReceived(name="\udcff", data=Payload(b"1"))])
    with pytest.raises(SerializationError, match="lone surrogates"):
        encode_record({"tag": "\udcff"})


# ---- records ---------------------------------------------------------------------------------


@given(failures, options, payloads, tags)
def test_records_come_back_equal(
    failure: Failure, option: ActivityOptions, payload: Payload, tag: dict[str, str]
) -> None:
    assert decode_record(encode_record(failure), Failure) == failure
    assert decode_record(encode_record(option), ActivityOptions) == option
    assert decode_record(encode_record(payload), Payload) == payload
    assert decode_record(encode_record(tag), dict[str, str]) == tag


@given(st.binary(max_size=40))
def test_any_bytes_are_read_as_a_record_or_refused(data: bytes) -> None:
    for kind in (Failure, ActivityOptions, Payload):
        try:
            decode_record(data, kind)
        except StoreError:
            continue


def test_a_record_of_another_class_is_refused() -> None:
    with pytest.raises(StoreError, match="cannot be read as Payload"):
        decode_record(encode_record(ActivityOptions()), Payload)


# ---- checksums -------------------------------------------------------------------------------


def test_a_checksum_knows_the_bytes_and_where_they_belong() -> None:
    data = encode_events([TimerFired(number=1)])
    right = checksum(data, "order-1", "execution", 3)
    assert right == checksum(data, "order-1", "execution", 3)
    assert 0 <= right < 2**32
    others = [
        checksum(data + b"x", "order-1", "execution", 3),
        checksum(data, "order-2", "execution", 3),
        checksum(data, "order-1", "execution", 4),
        checksum(data, "order-1execution", "", 3),
        checksum(data, "order-1", "execution", "3"),
        checksum(data),
    ]
    assert right not in others
    assert len(set(others)) == len(others)
    assert checksum(b"", "\udcff") != checksum(b"", "\udcfe")


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_flipped_bit_changes_the_checksum(data: bytes, draw: st.DataObject) -> None:
    bit = draw.draw(st.integers(0, len(data) * 8 - 1))
    flipped = bytearray(data)
    flipped[bit // 8] ^= 1 << bit % 8
    assert checksum(bytes(flipped), "i", 1) != checksum(data, "i", 1)


# ---- for people and their tools --------------------------------------------------------------


@given(events)
def test_an_event_as_json_is_json_and_has_every_field(event: HistoryEvent) -> None:
    shown = event_as_json(event)
    json.dumps(shown)
    assert shown.pop("kind") == kind_of(event) == type(event).__name__
    assert shown.keys() == {field.name for field in attrs.fields(type(event))}


def test_payloads_are_shown_as_their_values() -> None:
    started = ExecutionStarted(
        format=1,
        instance_id="i",
        execution_id="e",
        name="checkout",
        input=Payload(b'["o-1",[100]]'),
        tags={"shop": "1"},
        at=AT,
    )
    shown = event_as_json(started)
    assert shown["input"] == ["o-1", [100]]
    assert shown["at"] == "2026-01-31T12:30:15.250001+00:00"
    assert shown["tags"] == {"shop": "1"}
    coded = event_as_json(ActivityCompleted(number=1, result=Payload(b"\xff", "aes")))
    assert coded["result"] == {"encoding": "aes", "data": "/w=="}
    damaged = event_as_json(ActivityCompleted(number=1, result=Payload(b"{")))
    assert damaged["result"] == {"encoding": "json", "data": "ew=="}


def test_failures_are_shown_with_their_causes_and_members() -> None:
    failure = Failure(
        type_name="m:E",
        message="e",
        cause=Failure(type_name="m:C", message="c"),
        members=(Failure(type_name="m:M", message="m"),),
    )
    shown = event_as_json(ActivityFailed(number=1, failure=failure))["failure"]
    assert shown["cause"]["message"] == "c"
    assert shown["members"][0]["type_name"] == "m:M"
