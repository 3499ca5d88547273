"""States as people see them: what is pending, and the stack in words."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from durable_async.client.handle import _warn_of_stuck
from durable_async.client.states import (
    locks_awaited,
    nobody_has,
    pending_calls,
    stack_text,
    state_of,
)
from durable_async.convert.values import Converter
from durable_async.dsl.decorators import activity, orchestrator
from durable_async.dsl.durables import wait_for_event
from durable_async.dsl.policy import RetryPolicy
from durable_async.engines.memory import MemoryEngine
from durable_async.errors import StoreError
from durable_async.lines import from_here
from durable_async.model.creation import CreateInstance
from durable_async.model.history import (
    ActivityScheduled,
    ChildStarted,
    EntityCalled,
    EventAwaited,
    HistoryEvent,
    InstanceAwaited,
    LockRequested,
)
from durable_async.model.identity import NAMED_LOCK, Caller, EntityId
from durable_async.model.payload import Payload
from durable_async.model.status import PendingCall, RuntimeStatus
from durable_async.model.work import ActivityRecord, EntityRecord
from durable_async.testing import environment

from .connections import START, FakeConnection, a_record, handle_on


async def test_pending_names_every_wait_with_its_line_and_how_it_goes() -> None:
    hold = asyncio.Event()

    @activity(retry=RetryPolicy(max_attempts=5, initial_interval=600, max_interval=600))
    async def flaky() -> None:
        raise ConnectionError("no route")

    @activity
    async def slow() -> None:
        await hold.wait()

    @orchestrator
    async def flow() -> None:
        async with asyncio.timeout(3_600), asyncio.TaskGroup() as group:
            group.create_task(flaky())
            group.create_task(slow())
            await wait_for_event("approved")

    async with environment([flow, flaky, slow], start_time=START) as env:
        handle = await env.client.start(flow(), id="a")
        await env.advance(1)
        state = await handle.state()
        by_kind = {(call.kind, call.name): call for call in state.pending}
        assert set(by_kind) == {
            ("timer", ""),
            ("activity", "flaky"),
            ("activity", "slow"),
            ("event", "approved"),
        }
        assert all("test_states.py:" in call.line for call in state.pending)
        assert by_kind["timer", ""].due_at == START + timedelta(hours=1)
        retried = by_kind["activity", "flaky"]
        assert (retried.attempt, retried.due_at) == (2, START + timedelta(minutes=10))
        assert retried.last_failure is not None
        assert retried.last_failure.message == "no route"
        running = by_kind["activity", "slow"]
        assert (running.attempt, running.due_at, running.last_failure) == (1, None, None)

        lines = (await handle.stack()).splitlines()
        assert lines[0] == "a: flow, RUNNING"
        assert len(lines) == 5
        text = "\n".join(lines)
        assert "due 2026-01-01 01:00:00 UTC" in text
        assert "attempt 1 running" in text
        assert "attempt 2 due 2026-01-01 00:10:00 UTC, last failure" in text
        assert "ConnectionError: no route" in text
        assert "event approved at " in text


async def test_an_instance_that_is_started_for_later_says_when_it_begins() -> None:
    @orchestrator
    async def flow() -> None:
        await wait_for_event("go")

    async with environment([flow], start_time=START) as env:
        later = START + timedelta(days=1)
        handle = await env.client.start(flow(), id="a", start_at=later)
        await env.advance(60)
        state = await handle.state()
        assert (state.status, state.start_at) == (RuntimeStatus.PENDING, later)
        expected = "a: flow, PENDING, not to begin before 2026-01-02 00:00:00 UTC"
        assert await handle.stack() == expected
        await env.advance(24 * 3_600)
        state = await handle.state()
        assert (state.status, state.start_at) == (RuntimeStatus.RUNNING, None)
        assert "begin" not in await handle.stack()


async def test_an_ended_instance_waits_for_nothing() -> None:
    @orchestrator
    async def flow() -> None:
        raise LookupError("no such order")

    async with environment([flow]) as env:
        handle = await env.client.start(flow(), id="a")
        state = await handle.wait()
        assert state.pending == () and state.waiting_for is None
        assert await handle.stack() == "a: flow, FAILED, builtins:LookupError: no such order"


async def test_a_damaged_history_does_not_hide_the_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @orchestrator
    async def flow() -> None:
        await wait_for_event("go")

    def damaged(self: MemoryEngine, instance_id: str) -> tuple[HistoryEvent, ...]:
        raise StoreError("event 3 is damaged")

    async with environment([flow]) as env:
        handle = await env.client.start(flow())
        await env.advance(0)
        monkeypatch.setattr(MemoryEngine, "history", damaged)
        assert (await handle.state()).status is RuntimeStatus.RUNNING
        with pytest.raises(StoreError, match="event 3"):
            await handle.history()


async def test_a_list_has_states_without_pending_calls() -> None:
    @orchestrator
    async def flow() -> None:
        await wait_for_event("go")

    async with environment([flow]) as env:
        await env.client.start(flow(), id="a")
        await env.advance(0)
        (state,) = [state async for state in env.client.list()]
        assert (state.id, state.pending) == ("a", ())


def test_an_activity_that_has_just_ended_is_waited_for_without_an_attempt() -> None:
    history = (ActivityScheduled(number=0, name="charge", input=Payload(b"[]"), line="f.py:3"),)
    (call,) = pending_calls(a_record(), history)
    assert call == PendingCall(kind="activity", name="charge", line="f.py:3")


CHILD = CreateInstance(
    instance_id="e:0", execution_id="c", name="ship", version="2", input=Payload(b"[]")
)
CART = EntityId("Cart", "k")


@pytest.mark.parametrize(
    ("event", "call", "text"),
    [
        (
            ChildStarted(number=0, request=CHILD, line="f.py:3"),
            PendingCall(kind="child", name="ship", instance_id="e:0", line="f.py:3"),
            "child ship e:0 at f.py:3",
        ),
        (
            InstanceAwaited(number=0, instance_id="b", line="f.py:3"),
            PendingCall(kind="child", name="", instance_id="b", line="f.py:3"),
            "instance b at f.py:3",
        ),
        (
            EventAwaited(number=0, name="price", request=True, line="f.py:3"),
            PendingCall(kind="request", name="price", line="f.py:3"),
            "request price at f.py:3",
        ),
        (
            EventAwaited(number=0, name="price", line="f.py:3"),
            PendingCall(kind="event", name="price", line="f.py:3"),
            "event price at f.py:3",
        ),
        (
            EntityCalled(number=0, entity=CART, operation="add", input=Payload(b"[]")),
            PendingCall(kind="entity", name="Cart 'k' add"),
            "entity Cart 'k' add",
        ),
        (
            LockRequested(number=0, entities=(EntityId(NAMED_LOCK, "till"), CART)),
            PendingCall(kind="lock", name="'till', Cart 'k'"),
            "lock 'till', Cart 'k'",
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_every_kind_of_wait_is_told_with_what_it_is_for(
    event: HistoryEvent, call: PendingCall, text: str
) -> None:
    assert pending_calls(a_record(), (event,)) == (call,)
    state = state_of(a_record(), Converter(), pending=(call,))
    assert stack_text(state).splitlines()[1:] == [f"  {text}"]


def an_activity(name: str, *, offered: bool) -> ActivityRecord:
    return ActivityRecord(
        number=0, name=name, attempt=1, running=False, due_at=START, last_failure=None,
        offered=offered,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "waiting_for"),
    [
        ({}, None),
        ({"idle": True}, "nothing"),
        ({"offered": False}, "orchestrator 'flow'"),
        ({"offered": False, "version": "2"}, "orchestrator 'flow' version '2'"),
        ({"offered": False, "queue": "gpu"}, "orchestrator 'flow' on queue 'gpu'"),
        (
            {
                "activities": (
                    an_activity("charge", offered=True),
                    an_activity("ship", offered=False),
                    an_activity("ship", offered=False),
                )
            },
            "activity 'ship'",
        ),
        ({"offered": False, "status": RuntimeStatus.COMPLETED}, None),
        ({"offered": False, "status": RuntimeStatus.BLOCKED}, None),
    ],
)
def test_what_nobody_has_is_named(changes: dict[str, Any], waiting_for: str | None) -> None:
    assert state_of(a_record(**changes), Converter()).waiting_for == waiting_for


def test_a_line_is_told_from_the_current_folder_where_that_is_shorter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop").mkdir()
    monkeypatch.chdir(tmp_path / "shop")
    assert from_here(f"{tmp_path}/shop/flows.py:31") == "flows.py:31"
    assert from_here(f"{tmp_path}/other/flows.py:31") == "../other/flows.py:31"
    assert from_here("/f.py:3") == "/f.py:3"
    assert from_here("flows.py:3") == "flows.py:3"
    assert from_here("") == ""


def test_the_headline_says_why_nothing_moves() -> None:
    def headline(**changes: Any) -> str:
        return stack_text(state_of(a_record(**changes), Converter()))

    assert headline() == "a: flow, RUNNING"
    assert headline(version="2") == "a: flow version 2, RUNNING"
    assert headline(idle=True) == "a: flow, RUNNING, waiting for nothing"
    assert headline(offered=False) == (
        "a: flow, RUNNING, waiting for orchestrator 'flow', which no live worker has"
    )
    assert (
        headline(status=RuntimeStatus.SUSPENDED, suspended="stocktaking")
        == "a: flow, SUSPENDED, stocktaking"
    )
    assert (
        headline(status=RuntimeStatus.BLOCKED, blocked="the code differs", idle=True)
        == "a: flow, BLOCKED: the code differs"
    )
    assert headline(status=RuntimeStatus.CANCELLED, reason="late") == "a: flow, CANCELLED, late"
    assert headline(status=RuntimeStatus.TERMINATED, reason="") == "a: flow, TERMINATED"


def test_what_it_has_locked_itself_holds_nothing_up() -> None:
    counter, stock = EntityId("counter", "c"), EntityId(NAMED_LOCK, "stock")
    history = (
        LockRequested(number=3, entities=(counter, stock)),
        EntityCalled(number=4, entity=counter, operation="add", input=Payload(b"[]"), lock=3),
        EntityCalled(number=5, entity=stock, operation="add", input=Payload(b"[]")),
    )
    assert locks_awaited(history) == (counter, stock)
    record = a_record(execution_id="e")

    def held_by(**locked_by: Caller) -> list[str | None]:
        by_entity = {counter: locked_by.get("counter"), stock: locked_by.get("stock")}
        found = {entity: holder for entity, holder in by_entity.items() if holder is not None}
        return [call.held_by for call in pending_calls(record, history, found)]

    assert held_by() == [None, None, None]
    assert held_by(counter=Caller("a", "e", 3), stock=Caller("b", "f", 1)) == ["b", None, "b"]
    assert held_by(counter=Caller("a", "e", 2)) == ["a", "a", None]  # another of its sections


def test_only_types_of_which_an_operation_waits_for_a_worker_are_missing() -> None:
    entities = {
        name: EntityId(name, "k") for name in ("gone", "known", "done", "unknown", "locked")
    }
    history = (
        *(
            EntityCalled(number=number, entity=entity, operation="add", input=Payload(b"[]"))
            for number, entity in enumerate(entities.values())
            if entity.type != "locked"
        ),
        LockRequested(number=5, entities=(entities["locked"],)),
    )

    def record(name: str, *, offered: bool, queued: int = 1) -> EntityRecord:
        return EntityRecord(
            entity=entities[name], state=None, updated_at=START, queued=queued, offered=offered
        )

    found = (
        record("gone", offered=False),
        record("known", offered=True),
        record("done", offered=False, queued=0),  # the answer is under way
        record("locked", offered=False),  # a lock needs no worker
    )
    assert nobody_has(history, {each.entity: each for each in found}) == ("gone",)
    state = state_of(a_record(), Converter(), missing=("gone",))
    assert state.waiting_for == "entity 'gone'"


async def test_nobody_is_asked_for_locks_unless_one_is_waited_for() -> None:
    connection = FakeConnection(
        records={"a": a_record()}, histories={"a": (EventAwaited(number=1, name="go"),)}
    )
    await handle_on(connection).state()
    assert connection.entities_asked == []


async def test_an_entity_that_cannot_be_read_does_not_hide_the_state(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lock = LockRequested(number=1, entities=(EntityId(NAMED_LOCK, "stock"),))
    connection = FakeConnection(records={"a": a_record()}, histories={"a": (lock,)})
    connection.entity_error = StoreError("damaged")
    (pending,) = (await handle_on(connection).state()).pending
    assert (pending.name, pending.held_by) == ("'stock'", None)
    assert connection.entities_asked == [EntityId(NAMED_LOCK, "stock")]


def test_what_cannot_be_read_does_not_hide_how_an_instance_stands() -> None:
    secret = a_record(input=Payload(b"?", "aes"), custom_status=Payload(b"}"))
    state = state_of(secret, Converter())
    assert state.status is RuntimeStatus.RUNNING
    assert state.input.startswith("<unreadable: cannot read the input, encoded as 'aes'")
    assert state.custom_status.startswith("<unreadable: ")


def test_a_wait_whose_line_is_not_known_is_shown_without() -> None:
    state = state_of(a_record(), Converter(), pending=(PendingCall(kind="timer", name=""),))
    assert stack_text(state).splitlines()[1:] == ["  timer"]


@pytest.mark.parametrize(
    ("status", "blocked", "text"),
    [
        (RuntimeStatus.BLOCKED, "the code differs", "the code differs"),
        (RuntimeStatus.RUNNING, None, "nothing"),
    ],
)
def test_whoever_waits_for_a_stuck_instance_is_warned(
    status: RuntimeStatus, blocked: str | None, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    stuck = a_record(status=status, blocked=blocked, idle=blocked is None)
    with caplog.at_level(logging.WARNING, "durable_async.client"):
        _warn_of_stuck(stuck)
    assert "'a'" in caplog.text and text in caplog.text
