"""What a worker says once."""

import logging

import pytest

from durable_async.worker.limits import NOTICES_KEPT
from durable_async.worker.notices import Notices
from durable_async.worker.progress import DefinitionMissing


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.name == "durable_async.worker"]


@pytest.fixture(autouse=True)
def hear(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "durable_async.worker")


def test_a_missing_activity_is_named_once_with_instance_and_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notices = Notices()
    notices.missing(DefinitionMissing("order-1", "activity", "charge", "shop.py:12"))
    notices.missing(DefinitionMissing("order-2", "activity", "charge", "shop.py:12"))
    (said,) = messages(caplog)
    assert "'order-1'" in said and "'charge'" in said and "shop.py:12" in said


def test_a_missing_version_is_named(caplog: pytest.LogCaptureFixture) -> None:
    notices = Notices()
    notices.not_here("order-1", "checkout", None)
    notices.not_here("order-1", "checkout", "2")
    first, second = messages(caplog)
    assert "version" not in first and "'checkout' version '2'" in second


def test_an_instance_that_waits_for_nothing_is_told_with_its_tasks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notices = Notices()
    for _ in range(2):
        notices.idle("order-1", "x1", [("Task-1", "shop.py:3"), ("Task-2", "")])
    (said,) = messages(caplog)
    assert "'order-1'" in said and "Task-1 at shop.py:3, Task-2" in said


def test_another_execution_is_told_anew(caplog: pytest.LogCaptureFixture) -> None:
    notices = Notices()
    notices.idle("order-1", "x1", [])
    notices.idle("order-1", "x2", [])
    assert len(messages(caplog)) == 2


def test_what_is_remembered_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    notices = Notices()
    for number in range(NOTICES_KEPT + 1):
        notices.idle(f"order-{number}", "x", [])
    caplog.clear()
    notices.idle(f"order-{NOTICES_KEPT}", "x", [])
    assert messages(caplog) == []
    notices.idle("order-0", "x", [])  # forgotten: the oldest went
    assert len(messages(caplog)) == 1
