"""Why an instance cannot go on, as an error for the test that waits for it.

Invariant: what is a status and a log line in production, where a worker with other code may come,
is an error in a test, where nobody else comes.
"""

from __future__ import annotations

from typing import assert_never

import attrs

from durable_async.errors import (
    DeadlockError,
    DurableError,
    NonDeterminismError,
    NotRegisteredError,
)
from durable_async.model.outcome import Blocked
from durable_async.worker.notices import describe_tasks
from durable_async.worker.progress import DefinitionMissing, InstanceIdle

__all__ = ["InstanceBlocked", "Problem", "blocked", "error_of", "missing_orchestrator"]


@attrs.frozen
class InstanceBlocked:
    instance_id: str
    result: Blocked


Problem = InstanceBlocked | InstanceIdle | DefinitionMissing


def error_of(problem: Problem) -> DurableError:
    match problem:
        case InstanceBlocked(_, result):
            return blocked(result)
        case InstanceIdle(instance_id, tasks):
            return DeadlockError(
                f"instance {instance_id!r} waits for nothing that could come: no activity, timer "
                f"or event would wake it. Its tasks wait for each other, or for a future that "
                f"nobody sets: {describe_tasks(tasks)}"
            )
        case DefinitionMissing(instance_id, line=line):
            at = f" at {line}" if line else ""
            return NotRegisteredError(
                f"instance {instance_id!r} awaits {problem.title}{at}, which is not among the "
                f"functions of this environment. Add it to them, or bring it with env.deploy"
                f"{problem.hint}"
            )
        case _:
            assert_never(problem)


def blocked(result: Blocked) -> DurableError:
    if result.reason == "mismatch":
        return NonDeterminismError(result.message)
    return DurableError(f"{result.reason}: {result.message}")


def missing_orchestrator(instance_id: str, name: str, version: str | None) -> NotRegisteredError:
    of_version = "" if version is None else f" version {version!r}"
    return NotRegisteredError(
        f"instance {instance_id!r} is a run of orchestrator {name!r}{of_version}, which is not "
        f"among the functions given here. Add it to them"
    )
