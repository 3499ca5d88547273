"""How a worker on Temporal tells that it lacks what an instance needs."""

import asyncio
import logging
import re
from typing import Any

import pytest
from tests.temporal.conftest import Cluster

pytest.importorskip("temporalio")

from temporalio.api.history.v1 import HistoryEvent
from temporalio.service import RPCError, RPCStatusCode

import durable_async as da
from durable_async.client.blockages import Blockage
from durable_async.engines.temporal import activities
from durable_async.engines.temporal.address import Address
from durable_async.engines.temporal.connection import Connection
from durable_async.engines.temporal.instance import HeldError
from durable_async.engines.temporal.reading.records import why_held
from durable_async.engines.temporal.reminders import Reminders
from durable_async.engines.temporal.reports import ToldFilter


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_stays_the_same_is_told_at_once_and_then_ever_more_rarely() -> None:
    clock = _Clock()
    reminders = Reminders(clock)
    told = []
    for second in range(15_000):
        clock.now = second
        if reminders.is_due("it", "why"):
            told.append(second)
    assert told == [0, 60, 180, 420, 900, 1860, 3780, 7380, 10980, 14580]


def test_each_instance_and_each_reason_is_told() -> None:
    reminders = Reminders(_Clock())
    asked = [("a", "x"), ("a", "y"), ("b", "x"), ("a", "x")]
    assert [reminders.is_due(*each) for each in asked] == [True, True, True, False]


def test_only_the_latest_are_remembered() -> None:
    reminders = Reminders(_Clock())
    reminders.is_due("first", "x")
    for number in range(1_000):
        reminders.is_due(str(number), "x")
    assert not reminders.is_due("999", "x")
    assert reminders.is_due("first", "x")


def _record(error: BaseException) -> logging.LogRecord:
    told = (type(error), error, error.__traceback__)
    return logging.LogRecord("temporalio", logging.WARNING, "", 1, "Failed", (), told)


def test_only_failures_that_were_told_are_kept_from_the_log() -> None:
    told = ToldFilter()
    logger = logging.getLogger("temporalio.worker._workflow_instance")
    told.put_on()
    try:
        assert not logger.filter(_record(HeldError("no orchestrator")))
        assert logger.filter(_record(RuntimeError("something else")))
    finally:
        told.take_off()
    assert logger.filter(_record(HeldError("no orchestrator")))


@da.activity
async def lacking() -> None:
    """No worker has it."""


@da.orchestrator
async def lacks() -> None:
    await lacking()


@da.orchestrator
async def served() -> None:
    """So that a worker has one."""


async def _until_tried(cluster: Cluster, handle: da.Handle[Any], attempts: int) -> None:
    """Until its workflow task, or its activity, is tried for that time."""
    connection: Any = cluster.client.connection
    seen = connection.temporal.get_workflow_handle(handle.id)
    async with asyncio.timeout(60):
        while True:
            raw = (await seen.describe()).raw_description
            tried = [raw.pending_workflow_task.attempt]
            tried += [each.attempt for each in raw.pending_activities]
            if max(tried) >= attempts:
                return
            await asyncio.sleep(0.05)


async def test_an_orchestrator_that_a_worker_lacks_is_told_in_one_line(
    cluster: Cluster, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.WARNING):
        await cluster.worker(served)
        handle = await cluster.client.start(lacks(), id="it")
        await _until_tried(cluster, handle, 3)
    assert len(re.findall("no orchestrator 'lacks' was given to this worker", caplog.text)) == 1
    assert "Traceback" not in caplog.text
    assert "File " not in capfd.readouterr().err  # nor what the library's core makes of it


async def test_an_activity_that_a_worker_lacks_is_told_in_one_line(
    cluster: Cluster, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activities, "_UNKNOWN_RETRY", 0.01)
    with caplog.at_level(logging.WARNING):
        await cluster.worker(lacks)
        handle = await cluster.client.start(lacks(), id="it")
        await _until_tried(cluster, handle, 4)
    assert len(re.findall("waits for activity 'lacking'", caplog.text)) == 1
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("status", "message", "end"),
    [
        ("FAILED_PRECONDITION", "Workflow Task in failed state.", "their log says why"),
        (
            "FAILED_PRECONDITION",
            "no poller seen for task queue recently, worker may be down",
            "and none runs: start one",
        ),
        ("CANCELLED", "Timeout expired", "does one run on that queue?"),
        ("INTERNAL", "It broke.", "INTERNAL: It broke"),
    ],
)
def test_a_refusal_hints_at_what_its_status_can_mean(status: str, message: str, end: str) -> None:
    error = RPCError(message, RPCStatusCode[status], b"")
    told = str(Connection(Address()).unanswered(error))
    assert told.endswith(end)
    assert ".." not in told


def test_what_the_library_says_of_code_that_does_not_fit_is_a_mismatch_with_advice() -> None:
    event = HistoryEvent()
    failure = event.workflow_task_failed_event_attributes.failure
    failure.message = "[TMPRL1100] Nondeterminism error: Activity id of event '1' does not match"
    held = why_held(event)
    assert held is not None
    blockage = Blockage.read(held)
    assert blockage.title == "mismatch"
    assert blockage.advice.startswith("[TMPRL1100] Nondeterminism error: Activity id of event '1'")
    assert "roll it back" in blockage.advice and "`durable check`" in blockage.advice

    failure.message = "codec: the key 'k2' is not here"
    assert why_held(event) == failure.message
