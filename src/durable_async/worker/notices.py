"""What a worker says once. Invariant: nothing is logged again for the same reason, and what is
remembered is bounded.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Final

from durable_async.lines import is_users_file
from durable_async.model.failure import Failure
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
                "Worker. Said once for each name",
                missing.instance_id,
                missing.title,
                missing.line or "line unknown",
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
            "instance %r has FAILED: %s%s%s. Its history is kept: see `durable show`, or "
            "state().failure for the traceback; rewind() tries again from before the failure",
            instance_id,
            failure.type_name.rpartition(":")[2],
            f": {failure.message}" if failure.message else "",
            f" (at {line})" if (line := line_of_failure(failure)) else "",
        )

    def cancelled(self, instance_id: str, reason: str) -> None:
        _logger.info("instance %r was cancelled%s", instance_id, f": {reason}" if reason else "")

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


def line_of_failure(failure: Failure) -> str:
    """ "file:line" of the user's innermost frame in its traceback, as far as that is known."""
    frames = [frame for frame in _FRAME.findall(failure.traceback) if is_users_file(frame[0])]
    return ":".join(frames[-1]) if frames else ""
