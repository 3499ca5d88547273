"""Goes over a history before anything is claimed. Invariant: nothing new happens: code that is
replayed issues nothing, and what it comes to is dropped.

A worker that learns definitions as orchestrators await them knows none after a restart, and an
instance that waits for activities alone is woken by nobody. So its history is replayed first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from durable_async.convert.values import Converter
from durable_async.core.pending import open_waits
from durable_async.dsl.registry import Registry
from durable_async.errors import DurableError, NonDeterminismError, NotRegisteredError
from durable_async.model.history import ExecutionStarted, HistoryEvent
from durable_async.worker.missing import missing_from
from durable_async.worker.progress import DefinitionMissing
from durable_async.worker.trials import try_history

__all__ = ["missing_definition", "rehearse", "unknown_definitions"]


def rehearse(history: Sequence[HistoryEvent], registry: Registry, converter: Converter) -> None:
    """Replay `history`, and give `registry` the definitions that it awaits.

    Raises: NotRegisteredError for an orchestrator that is not in the registry, and for what it
    waits for if its definition is still unknown; NonDeterminismError if the code does not fit;
    DurableError if the codec cannot read the history.
    """
    first = history[0]
    assert isinstance(first, ExecutionStarted), "a history begins with its start"
    orchestrator = registry.orchestrator(first.name, first.version)
    if orchestrator is None and first.parent is not None:
        raise missing_definition(next(unknown_definitions(history, registry)))
    if orchestrator is None:
        version = "" if first.version is None else f" version {first.version!r}"
        raise NotRegisteredError(
            f"instance {first.instance_id!r} runs orchestrator {first.name!r}{version}, which is "
            "not the one that was called. Give this call another id"
        )
    trial = try_history(history, orchestrator, converter, learn=registry.learn)
    if trial.blocked is not None:
        fits = trial.blocked.reason == "codec"
        raise (DurableError if fits else NonDeterminismError)(trial.blocked.message)
    for missing in unknown_definitions(history, registry):
        raise missing_definition(missing)


def unknown_definitions(
    history: Sequence[HistoryEvent], registry: Registry
) -> Iterator[DefinitionMissing]:
    """What the execution waits for that `registry` has no definition of."""
    first = history[0]
    assert isinstance(first, ExecutionStarted), "a history begins with its start"
    if registry.orchestrator(first.name, first.version) is None:
        yield DefinitionMissing(
            first.instance_id, "orchestrator", first.name, "", version=first.version
        )
    for wait in open_waits(history):
        missing = missing_from(registry, first.instance_id, wait)
        if missing is not None:
            yield missing


def missing_definition(missing: DefinitionMissing) -> NotRegisteredError:
    """The error for what is known by its name alone."""
    return NotRegisteredError(
        f"instance {missing.instance_id!r} awaits {missing.title} "
        f"({missing.line or 'line unknown'}), and da.run cannot know its definition: it learns "
        "those functions that the orchestrator itself calls. For methods, and for what is called "
        "by name, use a Client and a Worker that is given the definition"
    )
