"""Facts are what one reading of a function found out; they are plain data about it.

They are computed once for a function with a receiver, the values of its free variables and the
functions that it is given, and again when what it was given grows.
"""

from __future__ import annotations

from typing import NamedTuple

from durable_lint.model import Unresolved, Verdict
from durable_lint.reach.observations import Iterated, Observation
from durable_lint.reach.places import Place
from durable_lint.reach.scopes import ClassScope, Function
from durable_lint.reach.values import NOTHING, Value

__all__ = ["Disorder", "Facts", "Given", "Judged", "Key", "Touch", "Unresolved"]


class Key(NamedTuple):
    """What facts are about.

    given: the functions and classes among the arguments, by parameter: a decorator is read once for
    each function that it decorates, or it would seem to call all of them.
    """

    function: Function
    receiver: Value | None
    closure: tuple[tuple[str, Value], ...] = ()
    given: tuple[tuple[str, Value], ...] = ()


class Judged(NamedTuple):
    """An observation that a rule objects to, with what it says.

    everywhere: the rule counts in code that nothing reaches, too.
    """

    code: str
    category: str
    verdict: Verdict
    seen: Observation
    everywhere: bool = False


class Touch(NamedTuple):
    """A read or a write of module or class state."""

    state: str
    place: Place
    way: str


class Given(NamedTuple):
    """What a call is given, as values."""

    positional: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()
    starred: bool = False

    def get(self, position: int, name: str) -> Value | None:
        """An argument by place or name."""
        if position < len(self.positional):
            return self.positional[position]
        for keyword, value in self.keywords:
            if keyword == name:
                return value
        return None


class Facts:
    """What is known about a function's body.

    abroad: some of what was found stands in another file, where what is lost here was made.
    edges: what it calls or hands on, with the line. made: the classes of which it makes objects.
    continues: it may continue as new. mutates: it changes its own receiver.
    orders: whom it adds to in the order of its calls, see `Orders`.
    """

    __slots__ = (
        "abroad",
        "continues",
        "edges",
        "findings",
        "made",
        "mutates",
        "orders",
        "reads",
        "returns",
        "unresolved",
        "writes",
        "yields",
    )

    def __init__(self) -> None:
        self.findings: dict[tuple[Place, str], Judged] = {}
        self.abroad = False
        self.edges: dict[Key, int] = {}
        self.made: set[ClassScope] = set()
        self.returns: Value = NOTHING
        self.yields: Value = NOTHING
        self.reads: list[Touch] = []
        self.writes: list[Touch] = []
        self.mutates = False
        self.orders: set[str] = set()
        self.continues = False
        self.unresolved: list[Unresolved] = []


class Disorder(NamedTuple):
    """A loop over something without an order: what to report when the order turns out to matter.

    names: those that hang on the element of the round. line: of what the loop goes over; what is
    reported may stand elsewhere, where the order was taken.
    """

    seen: Iterated
    names: set[str]
    line: int
