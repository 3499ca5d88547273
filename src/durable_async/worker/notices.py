"""What a worker says once. Invariant: nothing is logged again for the same reason, and what is
remembered is bounded.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from durable_async.worker.limits import NOTICES_KEPT

__all__ = ["Notices"]

_logger: Final = logging.getLogger("durable_async.worker")


class Notices:
    """Warnings of one worker about instances that cannot go on."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, ...], None] = {}

    def missing_activity(self, instance_id: str, name: str, line: str) -> None:
        if self._is_new("activity", name):
            _logger.warning(
                "instance %r waits for activity %r (%s), which no definition given to this worker "
                "has: it goes on when a worker that has it comes. Give the definition to a "
                "Worker. Said once for each name",
                instance_id,
                name,
                line or "line unknown",
            )

    def missing_orchestrator(self, instance_id: str, name: str, version: str | None) -> None:
        if self._is_new("orchestrator", name, version or ""):
            _logger.warning(
                "instance %r waits for orchestrator %s, which no definition given to this worker "
                "has: it goes on when a worker that has it comes. Give the definition to a "
                "Worker. Said once for each name",
                instance_id,
                repr(name) if version is None else f"{name!r} version {version!r}",
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
