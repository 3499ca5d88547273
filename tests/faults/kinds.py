"""All kinds of instances of the fault tests. Invariant: an id begins with the name of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.faults import families, orchestrations
from tests.faults.families import DESCENDANTS, FAMILIES, MEMBERS, generations
from tests.faults.ledger import Ledger
from tests.faults.orchestrations import Work

__all__ = ["NAMES", "call_for", "descendants_of", "expected_result", "functions", "kind_of"]

NAMES: Final = (
    *orchestrations.KINDS,
    *(definition.name for definition in FAMILIES),
    generations.name,
)

_CALLS: Final[dict[str, Any]] = orchestrations.KINDS | {
    definition.name: definition for definition in FAMILIES
}


def functions(folder: Path) -> Sequence[Any]:
    """What a worker needs. folder: where the ledger is, and what operators mend."""
    return [*_CALLS.values(), *MEMBERS, Work(Ledger(folder / "ledger"), folder)]


def kind_of(instance: str) -> str:
    return instance.partition("-")[0]


def call_for(instance: str) -> Any:
    """The call to start as this instance."""
    if kind_of(instance) == generations.name:
        return generations(instance, [])
    return _CALLS[kind_of(instance)](instance)


def descendants_of(instance: str) -> list[str]:
    """Ids of those that it starts, and whose activities count as its own."""
    return [f"{instance}/{name}" for name in DESCENDANTS.get(kind_of(instance), ())]


def expected_result(instance: str) -> Any:
    """As JSON would bring it back, with tuples for lists."""
    if kind_of(instance) in orchestrations.KINDS:
        return orchestrations.expected_result(instance)
    return families.expected_of_family(instance)
