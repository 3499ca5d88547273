"""A type of mypy, as it was written down, becomes a value of the analysis.

Invariant: precision first. What could be several things, is only a promise (a coroutine, a context
manager) or is the runtime's own business gives nothing.
"""

from typing import Any, Final

from durable_lint.oracle.lineage import Classes, Known
from durable_lint.reach.annotations import ALIASES, UNKNOWABLE
from durable_lint.reach.knowledge import Knowledge
from durable_lint.reach.project import WALLS
from durable_lint.reach.scopes import ClassScope
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    Class,
    Constant,
    External,
    Instance,
    Object,
    Value,
    join,
)

__all__ = ["Translation"]

# The running loop's clock is durable, and a type does not say which loop it is. What kind of set an
# abstract one is, and whether it has an order, is not said either. A plain object is anything.
_UNTOLD: Final = UNKNOWABLE | {
    "asyncio.AbstractEventLoop",
    "asyncio.BaseEventLoop",
    "builtins.function",
    "builtins.ellipsis",
    "builtins.super",
    "collections.abc.Set",
    "collections.abc.MutableSet",
    "typing.AbstractSet",
    # Who iterates them waits for what another library does, and that is reported by its name.
    "typing.AsyncGenerator",
    "typing.AsyncIterable",
    "typing.AsyncIterator",
    "typing.MutableSet",
    "types.ModuleType",
}
_UNTOLD_MODULES: Final = frozenset({"typing", "typing_extensions", "_typeshed", "contextlib"})
_TASKS: Final = frozenset({"asyncio.Task", "asyncio.Future"})
_NUMBERS: Final = ("builtins.int", "builtins.float")


class Translation:
    """Into values of one analysis: classes of the project are those that it has read."""

    def __init__(self, analysis: Knowledge, classes: Classes) -> None:
        self.analysis = analysis
        self._vocabulary = analysis.vocabulary
        self._classes = classes
        self._values: dict[int, Value] = {}

    def value(self, written: list[Any] | None) -> Value:
        """The value of a type. written: see `worker._Table`; the same list gives the same value."""
        if written is None:
            return UNKNOWN
        known = self._values.get(id(written))
        if known is None:
            known = self._values[id(written)] = self._translated(written)
        return known

    def _translated(self, written: list[Any]) -> Value:
        match written:
            case ["is", str(name), list(arguments)]:
                return self._instance(name, tuple(map(self.value, arguments)))
            case ["tuple", list(items)]:
                return Instance("builtins.tuple", tuple(map(self.value, items)))
            case ["row"]:
                # What a key holds is asked about where it is looked up.
                return Instance("builtins.dict", (Instance("builtins.str"), UNKNOWN))
            case ["none"]:
                return Constant(None, "NoneType")
            case ["or", list(members)]:
                joined: Value = NOTHING
                for member in members:
                    joined = join(joined, self.value(member))
                return UNKNOWN if joined is NOTHING else joined
            case ["class", str(name)]:
                return self._class(name)
            case ["function", str(name)]:
                return self._function(name)
            case _:
                raise ValueError(written)

    # ------------------------------------------------------------ instances

    def _instance(self, name: str, items: tuple[Value, ...]) -> Value:
        known = self._classes.get(name)
        if known is None:
            return UNKNOWN
        if not known.path:
            return self._of_library(known, items)
        scope = self._scope(known)
        if scope is not None:
            return Object(scope, exact=False)
        # A NewType, a named tuple made by a call, a class within a function: what it is besides.
        for base in known.line[1:]:
            value = self._instance(base, ())
            if value is not UNKNOWN:
                return value
        return UNKNOWN

    def _of_library(self, known: Known, items: tuple[Value, ...]) -> Value:
        name = known.name
        if name == "builtins.tuple":
            return Instance("builtins.list", items)
        if name in _UNTOLD or name.partition(".")[0] in WALLS:
            return UNKNOWN
        alias = ALIASES.get(name)
        if alias is not None:
            return Instance(alias, items)
        if name.partition(".")[0] in _UNTOLD_MODULES and name != "typing.IO":
            return UNKNOWN
        if not self._vocabulary.is_known(name):
            if known.awaitable and name not in _TASKS:
                return UNKNOWN
            for number in _NUMBERS:
                if number in known.line:
                    return Instance(number)
        return Instance(name, items)

    def _scope(self, known: Known) -> ClassScope | None:
        module = (
            self.analysis.load(known.path) if known.path in self.analysis.finder.files else None
        )
        if module is None:
            return None
        bindings = module.bindings
        found: ClassScope | None = None
        for part in known.qualname.split("."):
            found = next(
                (entry for entry in reversed(bindings.get(part, ())) if type(entry) is ClassScope),
                None,
            )
            if found is None:
                return None
            bindings = found.bindings
        return found

    # ------------------------------------------------------------ classes and functions themselves

    def _class(self, name: str) -> Value:
        known = self._classes.get(name)
        if known is None:
            return UNKNOWN
        if known.path:
            scope = self._scope(known)
            return UNKNOWN if scope is None else Class(scope)
        if known.name.partition(".")[0] in WALLS or known.name in _UNTOLD:
            return UNKNOWN
        known_class = self._vocabulary.is_class(known.name)
        return External(known.name) if known_class or self._counts(known.name) else UNKNOWN

    def _function(self, name: str) -> Value:
        canonical = self._vocabulary.canonical(name)
        if canonical.partition(".")[0] in WALLS or not self._counts(canonical):
            return UNKNOWN
        return External(canonical)

    def _counts(self, name: str) -> bool:
        entry = self._vocabulary.name(name)
        return entry is not None and not entry.attribute
