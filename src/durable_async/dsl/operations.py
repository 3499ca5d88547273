"""What a worker says of operations that went wrong, whichever engine they ran on. Invariant: it
names the entity and the operation."""

from __future__ import annotations

import logging
from typing import Final

from durable_async.convert.failures import failure_of_exception, opened
from durable_async.convert.values import Converter
from durable_async.errors import DurableError
from durable_async.model.identity import EntityId
from durable_async.model.work import ClaimedEntity, EntityCommit, Operation, OperationResult

__all__ = [
    "OperationReporter",
    "broken",
    "failing",
    "named",
    "tell_of_failed_signals",
    "unfit",
]

_logger: Final = logging.getLogger("durable_async.worker")


def named(entity: EntityId) -> str:
    return f"entity {entity.type} {entity.key!r}"


def tell_of_failed_signals(
    claimed: ClaimedEntity, commit: EntityCommit, converter: Converter
) -> None:
    """Nobody waits for them. commit: what came of the operations."""
    for operation, result in zip(claimed.operations, commit.results, strict=False):
        if result.failure is None or operation.caller is not None:
            continue
        failure = opened(result.failure, converter)
        _logger.warning(
            "%s: the signal %r failed, and nobody waits for it, with %s: %s%s",
            named(claimed.lease.entity),
            operation.name,
            failure.type_name,
            failure.message,
            f"\n{failure.traceback}" if failure.traceback else "",
        )


def failing(claimed: ClaimedEntity, error: Exception, converter: Converter) -> EntityCommit:
    """As if the first operation had raised the error."""
    failure = failure_of_exception(error, converter=converter)
    result = OperationResult(number=claimed.operations[0].number, failure=failure)
    return EntityCommit(lease=claimed.lease, state=claimed.state, results=(result,))


def broken(entity: EntityId, error: Exception) -> DurableError:
    """error: what was raised outside of the user's code."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    at = "" if last is None else f" ({last.tb_frame.f_code.co_filename}:{last.tb_lineno})"
    return DurableError(
        f"{named(entity)}: an operation broke down inside durable_async with "
        f"{type(error).__name__}: {error}{at}. Nothing of it was stored. Please report this"
    )


def unfit(operation: str, error: Exception) -> DurableError:
    """error: why what it came to is refused."""
    return DurableError(
        f"what operation {operation!r} came to cannot be stored, and nothing of it was: "
        f"{type(error).__name__}: {error}"
    )


class OperationReporter:
    """Told of problems that nobody awaits (`core.entity.Report`)."""

    def __init__(self, entity: EntityId) -> None:
        self._entity = entity

    def __call__(self, operation: Operation, message: str, error: BaseException | None) -> None:
        _logger.warning(
            "%s, operation %r: %s", named(self._entity), operation.name, message, exc_info=error
        )
