"""Recorded histories against today's code. Invariant: replaying changes nothing, and runs nothing
but the orchestrator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from durable_async.convert.values import Converter
from durable_async.dsl.registry import Registry
from durable_async.model.history import ExecutionStarted, HistoryEvent
from durable_async.testing import problems
from durable_async.worker.trials import try_history

__all__ = ["replay"]


def replay(
    history: Sequence[HistoryEvent],
    functions: Iterable[object],
    *,
    converter: Converter | None = None,
) -> None:
    """Check that the orchestrator of `history`, as it is in `functions`, still does what it did.

    history: as `handle.history()` gives it. functions: as for a Worker. converter: the client's,
    if it had one of its own.
    Raises: NonDeterminismError if the code asks for something else, or calls the same with other
    arguments; NotRegisteredError if the orchestrator is not among the functions; ValueError if
    this is no history.
    Known elsewhere as: Temporal's Replayer.
    """
    first = history[0] if history else None
    if not isinstance(first, ExecutionStarted):
        raise ValueError(f"a history begins with ExecutionStarted, and this one with {first!r}")
    orchestrator = Registry.of(functions).orchestrator(first.name, first.version)
    if orchestrator is None:
        raise problems.missing_orchestrator(first.instance_id, first.name, first.version)
    trial = try_history(history, orchestrator, converter or Converter(), strict=True)
    if trial.blocked is not None:
        raise problems.blocked(trial.blocked)
