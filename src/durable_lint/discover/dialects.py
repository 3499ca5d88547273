"""Which dialects a project speaks that its settings do not name.

Invariant: it is told from import statements alone, so nothing of it changes what is checked.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from durable_lint.discover.prefilter import Glance

__all__ = ["spoken"]

# What those import who write orchestrators: a client of the same library writes none.
_MODULES: Final[Mapping[str, tuple[str, ...]]] = {
    "temporalio": ("temporalio.workflow",),
    "durabletask": ("durabletask.task", "azure.durable_functions"),
}


def spoken(glances: Iterable["Glance"]) -> tuple[tuple[str, int], ...]:
    """Dialects with the number of files that may hold orchestrators of theirs."""
    files = dict.fromkeys(_MODULES, 0)
    for seen in glances:
        imported = " ".join(_dotted(*each) for each in seen.imports)
        for dialect, modules in _MODULES.items():
            files[dialect] += any(f" {module}" in f" {imported}" for module in modules)
    return tuple((dialect, count) for dialect, count in files.items() if count)


def _dotted(module: str, names: str) -> str:
    """`a.b a.c` of `from a import b, c`."""
    each = (name.split(" as ")[0].strip() for name in names.split(","))
    return " ".join(f"{module}.{name}" if module else name for name in each)
