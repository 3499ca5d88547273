"""What a worker says once."""

import logging

import attrs
import pytest

from durable_async.model.failure import Failure
from durable_async.model.outcome import Blocked
from durable_async.model.work import Lease
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


def test_an_activity_that_may_be_a_method_is_said_to_need_its_instance(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notices = Notices()
    notices.missing(DefinitionMissing("order-1", "activity", "Bank.charge", "shop.py:12"))
    notices.missing(DefinitionMissing("order-1", "orchestrator", "billing.bill", "shop.py:12"))
    method, other = messages(caplog)
    assert "Worker. If it is a method, give an instance of Bank, not only its module. Sa" in method
    assert "method" not in other


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


def test_what_each_replay_reports_is_told_once_for_an_instance(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notices = Notices()
    for instance_id in ("order-1", "order-1", "order-2"):
        notices.reported(instance_id, "arguments changed: ...", None)
    assert messages(caplog) == [
        f"instance '{each}': arguments changed: ..." for each in ("order-1", "order-2")
    ]


def test_each_failure_that_nobody_awaits_is_told_with_its_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notices, errors = Notices(), []
    for _ in range(2):
        try:
            raise ValueError("lost")
        except ValueError as error:
            errors.append(error)
    for error in errors:
        notices.reported("order-1", "a task failed", error)
    first, second = messages(caplog)
    assert first == second and first.startswith(f"instance 'order-1': a task failed, at {__file__}")


def test_what_is_remembered_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    notices = Notices()
    for number in range(NOTICES_KEPT + 1):
        notices.idle(f"order-{number}", "x", [])
    caplog.clear()
    notices.idle(f"order-{NOTICES_KEPT}", "x", [])
    assert messages(caplog) == []
    notices.idle("order-0", "x", [])  # forgotten: the oldest went
    assert len(messages(caplog)) == 1


def failure(type_name: str, message: str, **details: str) -> Failure:
    return Failure(type_name=type_name, message=message, traceback="", **details)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("the key is missing.", "KeyError: the key is missing. Its history"),
        ("the key is missing", "KeyError: the key is missing. Its history"),
        ("which key?", "KeyError: which key? Its history"),
        ("", "KeyError. Its history"),
    ],
)
def test_what_failed_is_told_in_one_sentence(
    caplog: pytest.LogCaptureFixture, message: str, told: str
) -> None:
    Notices().failed("order-1", failure("builtins:KeyError", message), is_child=False)
    (said,) = messages(caplog)
    assert f"'order-1' has FAILED: {told} is kept" in said


def test_the_line_of_a_failure_stands_before_the_full_stop(
    caplog: pytest.LogCaptureFixture,
) -> None:
    traceback = f'Traceback\n  File "{__file__}", line 7, in f\n    x\nKeyError: gone.'
    lost = attrs.evolve(failure("builtins:KeyError", "gone."), traceback=traceback)
    Notices().failed("order-1", lost, is_child=False)
    (said,) = messages(caplog)
    assert f"KeyError: gone (at {__file__}:7). Its" in said


@pytest.mark.parametrize(
    ("lost", "advice"),
    [
        (failure("builtins:OSError", "down", activity="reserve"), "rewind() tries again"),
        (failure("builtins:KeyError", "x"), "on code that was mended"),
        (
            failure("durable_async.errors:SerializationError", "'x' is no int"),
            "helps once the code takes such data; to give it other data, start another instance",
        ),
    ],
    ids=["an activity", "its own code", "its data"],
)
def test_what_rewinding_would_do_depends_on_what_failed(
    caplog: pytest.LogCaptureFixture, lost: Failure, advice: str
) -> None:
    Notices().failed("order-1", lost, is_child=False)
    (said,) = messages(caplog)
    assert advice in said


def test_who_blocks_an_instance_does_not_tell_again_what_it_finds_in_the_store(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notices = Notices()
    notices.blocks(Lease("order-1", "x1", 1), Blocked(reason="mismatch", message="it differs"))
    notices.blocked("order-1", "x1", "mismatch: it differs")
    assert messages(caplog) == ["it differs"]
    notices.blocked("order-1", "x1", "quarantined: five died")  # that is another matter
    assert len(messages(caplog)) == 2
