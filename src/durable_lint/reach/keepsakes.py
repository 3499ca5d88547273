"""What a library's object was made with is kept where its methods hang on it.

Invariant: of an object that was made elsewhere, or with what nobody knows, nothing is said.
"""

from __future__ import annotations

from typing import Final

from durable_lint.reach.facts import Given
from durable_lint.reach.values import UNKNOWN, Constant, Instance, Value, members_of

__all__ = ["counts_with", "keepsake"]

KEPT: Final = {
    "croniter.croniter": (1, "start_time"),
    "jinja2.Environment": (17, "loader"),
    "jinja2.ChoiceLoader": (0, "loaders"),
    "jinja2.PrefixLoader": (0, "mapping"),
}
"""The argument that is kept, by place and name."""
OF_FILES: Final = frozenset(
    {"jinja2.FileSystemLoader", "jinja2.ModuleLoader", "jinja2.PackageLoader"}
)
NOTHING_GIVEN: Final = Constant(None, "NoneType")


def keepsake(name: str, given: Given) -> Instance | None:
    """What a call of this class gives, if its methods hang on an argument."""
    kept = KEPT.get(name)
    if kept is None:
        return None
    value = given.get(*kept)
    if value is None:
        value = UNKNOWN if given.starred else NOTHING_GIVEN
    return Instance(name, (value,))


def counts_with(of: Instance, given: Given) -> bool:
    """Whether a method that may count does so for this object. given: to the method."""
    match of:
        case Instance("jinja2.Environment", items):
            return any(_reads_files(item) for item in items)
        case Instance("croniter.croniter", items):
            # It begins with the time of the clock, unless it is told where.
            return items == (NOTHING_GIVEN,) and given.get(1, "start_time") is None
        case _:
            return True


def _reads_files(loader: Value) -> bool:
    return any(
        type(part) is Instance
        and (
            part.cls in OF_FILES
            or (_holds_loaders(part) and any(_reads_files(item) for item in part.items))
        )
        for part in members_of(loader)
    )


def _holds_loaders(part: Instance) -> bool:
    return part.cls in {"jinja2.ChoiceLoader", "jinja2.PrefixLoader"} or part.cls.startswith(
        "builtins."
    )
