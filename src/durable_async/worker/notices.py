"""What a worker says once. Invariant: nothing is logged again for the same reason, and what is
remembered is bounded.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Final

from durable_async.errors import SerializationError
from durable_async.lines import is_users_file, line_of_error
from durable_async.model.failure import Failure
from durable_async.model.outcome import Blocked
from durable_async.model.work import Lease
from durable_async.worker.limits import NOTICES_KEPT
from durable_async.worker.progress import DefinitionMissing

__all__ = ["Notices", "describe_tasks", "line_of_failure"]

_logger: Final = logging.getLogger("durable_async.worker")


class Notices:
    """Warnings of one worker about instances that cannot go on."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, ...], None] = {}

    def missing(self, missing: DefinitionMissing) -> None:
        """An instance has asked for it."""
        if self._is_new(missing.kind, missing.name, missing.version or ""):
            _logger.warning(
                "instance %r waits for %s (%s), which no definition given to this worker "
                "has: it goes on when a worker that has it comes. Give the definition to a "
                "Worker%s. Said once for each name",
                missing.instance_id,
                missing.title,
                missing.line or "line unknown",
                missing.hint,
            )

    def not_here(self, instance_id: str, name: str, version: str | None) -> None:
        """An instance is a run of an orchestrator that nobody here has."""
        if self._is_new("orchestrator", name, version or ""):
            _logger.warning(
                "instance %r waits for orchestrator %s, which no definition given to this worker "
                "has: it goes on when a worker that has it comes. Give the definition to a "
                "Worker. Said once for each name",
                instance_id,
                repr(name) if version is None else f"{name!r} version {version!r}",
            )

    def failed(self, instance_id: str, failure: Failure, *, is_child: bool) -> None:
        """is_child: its parent is given the failure, and may well do something about it."""
        _logger.log(
            logging.INFO if is_child else logging.ERROR,
            "instance %r has FAILED: %s Its history is kept: see `durable show`, or "
            "state().failure for the traceback; %s",
            instance_id,
            _sentence(failure),
            _way_on(failure),
        )

    def cancelled(self, instance_id: str, reason: str) -> None:
        _logger.info("instance %r was cancelled%s", instance_id, f": {reason}" if reason else "")

    def left(self, instance_id: str, became: str) -> None:
        """It was in hand here, and somebody has taken it away. became: e.g. "was suspended"."""
        _logger.info("instance %r %s", instance_id, became)

    def reported(self, instance_id: str, message: str, error: BaseException | None) -> None:
        """A run of its code says so; that it replays something else, each replay says."""
        if error is not None or self._is_new("reported", instance_id, message):
            line = "" if error is None else line_of_error(error)
            where = f", at {line}" if line else ""
            _logger.warning("instance %r: %s%s", instance_id, message, where, exc_info=error)

    def blocks(self, lease: Lease, result: Blocked) -> None:
        """This worker has found that it cannot go on."""
        why = f"{result.reason}: {result.message}"  # as the survey will find it in the store
        self._is_new("blocked", lease.instance_id, lease.execution_id, why)
        _logger.error("%s", result.message)

    def blocked(self, instance_id: str, execution_id: str, why: str) -> None:
        """Found so in the store; who blocked it has said more."""
        if self._is_new("blocked", instance_id, execution_id, why):
            _logger.warning(
                "instance %r is BLOCKED, and stays so until a worker with other definitions "
                "comes, or an operator ends it: %s",
                instance_id,
                why,
            )

    def idle(self, instance_id: str, execution_id: str, tasks: Sequence[tuple[str, str]]) -> None:
        """tasks: name and line of each that is unfinished."""
        if self._is_new("idle", instance_id, execution_id):
            _logger.warning(
                "instance %r waits for nothing: no activity, timer or event that could come would "
                "wake it. It stays as it is until it is terminated. Its tasks: %s",
                instance_id,
                describe_tasks(tasks),
            )

    def _is_new(self, *reason: str) -> bool:
        if reason in self._given:
            return False
        self._given[reason] = None
        if len(self._given) > NOTICES_KEPT:
            del self._given[next(iter(self._given))]
        return True


def describe_tasks(tasks: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} at {line}" if line else name for name, line in tasks) or "none"


_FRAME: Final = re.compile(r'^  File "(.+)", line (\d+)', re.MULTILINE)


def _sentence(failure: Failure) -> str:
    """What happened, and where; with a full stop."""
    name, message = failure.type_name.rpartition(":")[2], failure.message.rstrip()
    told = f"{name}: {message}" if message else name
    line = line_of_failure(failure)
    if line:
        # An ellipsis is no full stop.
        told = told if told.endswith("..") else told.removesuffix(".")
        return f"{told} (at {line})."
    return told if told.endswith((".", "!", "?")) else f"{told}."


_UNFIT: Final = f"{SerializationError.__module__}:{SerializationError.__qualname__}"


def _way_on(failure: Failure) -> str:
    """What rewinding would do about it: whose fault it is decides that."""
    if failure.type_name == _UNFIT:
        return (
            "rewind() helps once the code takes such data; to give it other data, start another "
            "instance"
        )
    if failure.activity is None:
        return "rewind() runs the failed step again, on code that was mended meanwhile"
    return "rewind() tries again from before the failure"


def line_of_failure(failure: Failure) -> str:
    """ "file:line" of the user's innermost frame in its traceback, as far as that is known."""
    frames = [frame for frame in _FRAME.findall(failure.traceback) if is_users_file(frame[0])]
    return ":".join(frames[-1]) if frames else ""
