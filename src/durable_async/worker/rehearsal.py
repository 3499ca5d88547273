"""Goes over a history before anything is claimed. Invariant: nothing new happens: code that is
replayed issues nothing, and what it comes to is dropped.

A worker that learns definitions as orchestrators await them knows none after a restart, and an
instance that waits for activities alone is woken by nobody. So its history is replayed first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from durable_async.convert.values import Converter
from durable_async.dsl.registry import Registry
from durable_async.errors import NonDeterminismError, NotRegisteredError
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    ExecutionStarted,
    HistoryEvent,
)
from durable_async.worker.trials import try_history

__all__ = ["missing_definition", "rehearse"]


def rehearse(history: Sequence[HistoryEvent], registry: Registry, converter: Converter) -> None:
    """Replay `history`, and give `registry` the definitions that it awaits.

    Raises: NotRegisteredError for an orchestrator that is not in the registry, and for an open
    activity whose definition is still unknown; NonDeterminismError if the code does not fit.
    """
    first = history[0]
    assert isinstance(first, ExecutionStarted), "a history begins with its start"
    orchestrator = registry.orchestrator(first.name, first.version)
    if orchestrator is None:
        version = "" if first.version is None else f" version {first.version!r}"
        raise NotRegisteredError(
            f"instance {first.instance_id!r} runs orchestrator {first.name!r}{version}, which is "
            "not the one that was called. Give this call another id"
        )
    trial = try_history(history, orchestrator, converter, learn=registry.learn)
    if trial.blocked is not None:
        raise NonDeterminismError(trial.blocked.message)
    for scheduled in _open_activities(history):
        if scheduled.name not in registry.activity_names:
            raise missing_definition(first.instance_id, scheduled.name, scheduled.line)


def missing_definition(instance_id: str, name: str, line: str) -> NotRegisteredError:
    """The error for an activity of which only the name is known."""
    return NotRegisteredError(
        f"instance {instance_id!r} awaits activity {name!r} ({line or 'line unknown'}), and "
        "da.run cannot know its definition: it learns those functions that the orchestrator "
        "itself calls. For methods, and for activities called by name, use a Client and a Worker "
        "that is given the definition"
    )


def _open_activities(history: Iterable[HistoryEvent]) -> list[ActivityScheduled]:
    found: dict[int, ActivityScheduled] = {}
    for event in history:
        match event:
            case ActivityScheduled():
                found[event.number] = event
            case (
                ActivityCompleted()
                | ActivityFailed()
                | ActivityCancelled()
                | ActivityCancelRequested()
            ):
                found.pop(event.number, None)
            case _:
                pass
    return list(found.values())
