"""What a library's object was made with is kept where its methods hang on it.

Invariant: of an object that was made elsewhere, or with what nobody knows, nothing is said.
"""

from __future__ import annotations

from typing import Final

from durable_lint.reach.facts import Given
from durable_lint.reach.values import UNKNOWN, Constant, Instance, Value, members_of

__all__ = ["counts_with", "is_unseeded", "keepsake", "made_at_import"]

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
GENERATORS: Final = {
    "random.Random": ("random.Random", "x"),
    "random.SystemRandom": ("random.SystemRandom", ""),
    "numpy.random.default_rng": ("numpy.random.Generator", "seed"),
    "numpy.random.Generator": ("numpy.random.Generator", "bit_generator"),
    **{
        f"numpy.random.{name}": (f"numpy.random.{name}", "seed")
        for name in ("RandomState", "PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
    },
}
"""What makes something that draws: its class, and the argument that is the seed. One that nobody
seeded is a finding where it is made; what it draws is one only if it was made at import."""
UNSEEDED: Final = (Constant("unseeded", "str"),)


def keepsake(name: str, given: Given) -> Instance | None:
    """What a call of this class gives, if its methods hang on an argument."""
    if name in GENERATORS:
        return _generator(name, given)
    kept = KEPT.get(name)
    if kept is None:
        return None
    value = given.get(*kept)
    if value is None:
        value = UNKNOWN if given.starred else NOTHING_GIVEN
    return Instance(name, (value,))


def _generator(name: str, given: Given) -> Instance:
    cls, keyword = GENERATORS[name]
    seed = given.get(0, keyword) if keyword else None
    if seed is None:
        return Instance(cls, () if given.starred else UNSEEDED)
    return Instance(cls, UNSEEDED if seed == NOTHING_GIVEN or is_unseeded(seed) else ())


def is_unseeded(value: Value) -> bool:
    """Whether it draws, and nobody seeded it when it was made."""
    return type(value) is Instance and value.items == UNSEEDED


def made_at_import(value: Value, state: str) -> Value:
    """What an object that is a state holds was made with it, at import, if it draws."""
    if type(value) is Instance and value.items == UNSEEDED and not value.state:
        return Instance(value.cls, value.items, None, state)
    return value


def counts_with(of: Instance, given: Given) -> bool:
    """Whether a method that may count does so for this object. given: to the method."""
    match of:
        case Instance("jinja2.Environment", items):
            return any(_reads_files(item) for item in items)
        case Instance("croniter.croniter", items):
            # It begins with the time of the clock, unless it is told where.
            return items == (NOTHING_GIVEN,) and given.get(1, "start_time") is None
        case Instance("random.SystemRandom", items):
            return bool(of.state) or items != UNSEEDED
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
