"""States as people see them: what is pending, and the stack in words."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from durable_async.client.handle import _warn_of_stuck
from durable_async.dsl.definitions import activity, orchestrator
from durable_async.dsl.durables import wait_for_event
from durable_async.dsl.policy import RetryPolicy
from durable_async.engines.memory import MemoryEngine
from durable_async.errors import StoreError
from durable_async.model.history import HistoryEvent
from durable_async.model.payload import Payload
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import InstanceRecord
from durable_async.testing import environment

START = datetime(2026, 1, 1, tzinfo=UTC)


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
    record = InstanceRecord(
        instance_id="a",
        execution_id="e",
        name="flow",
        version=None,
        status=status,
        custom_status=None,
        input=Payload(b"[]"),
        output=None,
        failure=None,
        created_at=START,
        updated_at=START,
        completed_at=None,
        parent_id=None,
        tags={},
        history_length=1,
        idle=blocked is None,
        blocked=blocked,
    )
    with caplog.at_level(logging.WARNING, "durable_async.client"):
        _warn_of_stuck(record)
    assert "'a'" in caplog.text and text in caplog.text
