"""Which dialects a project speaks that its settings do not name.

Invariant: it is told from import statements alone, so nothing of it changes what is checked.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from durable_lint.discover.prefilter import Glance, names_of

__all__ = ["spoken"]

# What those import who write orchestrators: a client of the same library writes none.
_MODULES: Final[Mapping[str, tuple[str, ...]]] = {
    "temporalio": ("temporalio.workflow",),
    "durabletask": ("durabletask.task", "azure.durable_functions"),
}


def spoken(glances: Iterable[Glance]) -> tuple[tuple[str, int], ...]:
    """Dialects with the number of files that may hold orchestrators of theirs."""
    files = dict.fromkeys(_MODULES, 0)
    for seen in glances:
        imported = [
            f"{module}.{name}" if module else name
            for module, names in seen.imports
            for name, _ in names_of(names)
        ]
        for dialect, modules in _MODULES.items():
            files[dialect] += any(dotted.startswith(modules) for dotted in imported)
    return tuple((dialect, count) for dialect, count in files.items() if count)
