"""A frame is one reading of one function; what it learns goes into its facts, and nowhere else.

Facts are computed once for a function with a receiver and the values of its free variables, and
again when what it was given grows.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final, NamedTuple

from durable_lint.model import Span, Verdict
from durable_lint.reach.observations import Iterated, Observation
from durable_lint.reach.scopes import ClassScope, Function, Module
from durable_lint.reach.values import NOTHING, Func, Value

if TYPE_CHECKING:
    from durable_lint.reach.analysis import Analysis

__all__ = ["Disorder", "Facts", "Frame", "Given", "Judged", "Key", "Touch", "Unresolved"]


# Names of one function that are told apart on different ways through it.
MOST_NAMES: Final = 500


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
    """An observation that a rule objects to."""

    code: str
    category: str
    verdict: Verdict
    span: Span


class Touch(NamedTuple):
    """A read or a write of module or class state."""

    state: str
    span: Span
    way: str


class Unresolved(NamedTuple):
    """A call that leads nobody knows where."""

    path: str
    span: Span
    expression: str
    function: str


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

    edges: what it calls or hands on, with the line. made: the classes of which it makes objects. continues: it may continue as new.
    mutates: it changes its own receiver.
    """

    __slots__ = (
        "continues",
        "edges",
        "made",
        "findings",
        "mutates",
        "reads",
        "returns",
        "unresolved",
        "writes",
        "yields",
    )

    def __init__(self) -> None:
        self.findings: dict[tuple[Span, str], Judged] = {}
        self.edges: dict[Key, int] = {}
        self.made: set[ClassScope] = set()
        self.returns: Value = NOTHING
        self.yields: Value = NOTHING
        self.reads: list[Touch] = []
        self.writes: list[Touch] = []
        self.mutates = False
        self.continues = False
        self.unresolved: list[Unresolved] = []


class Disorder(NamedTuple):
    """A loop over something without an order: what to report when the order turns out to matter.

    names: those that hang on the element of the round.
    """

    seen: Iterated
    names: set[str]


class Frame(ABC):
    """The state of one reading, and what the layers above add to it."""

    def __init__(
        self,
        analysis: Analysis,
        module: Module,
        facts: Facts,
        *,
        function: Function | None = None,
        closure: dict[str, Value] | None = None,
        receiver: Value | None = None,
        given: dict[str, Value] | None = None,
        quiet: bool = False,
    ) -> None:
        self.analysis = analysis
        self.vocabulary = analysis.vocabulary
        self.typist = analysis.typist
        self.module = module
        self.source = module.source
        self.function = function
        self.facts = facts
        self.env: dict[str, Value] = {}
        self.closure = closure or {}
        self.receiver = receiver
        self.given = given or {}
        self.quiet = quiet
        self.dialect = analysis.dialect_of(module)
        self.disorders: list[Disorder] = []
        self.taken: dict[Span, Iterated] = {}
        # How many time limits stand round what is read now.
        self.limits = 0
        # A guard such as `if not is_replaying()` stands round what is read now.
        self.once = False
        # Sets, by their source, that a test has shown to hold one element here: they have one order.
        self.lone: frozenset[str] = frozenset()
        self.is_async = function is not None and function.is_async

    def fork(self) -> dict[str, Value]:
        """The names as they are now, for another way through the code that begins here.

        Of very many names - programs write such functions - all ways share one table: copying it at
        each `if` would take as long as the square of the length.
        """
        return dict(self.env) if len(self.env) <= MOST_NAMES else self.env

    # ------------------------------------------------------------ what is learnt

    def observe(self, seen: Observation) -> None:
        """Let the rules judge what was met."""
        if self.quiet:
            return
        judged = self.analysis.judge(seen)
        if judged is not None:
            code, category, verdict = judged
            self.facts.findings.setdefault(
                (seen.span, code), Judged(code, category, verdict, seen.span)
            )

    def edge(
        self,
        target: Func,
        receiver: Value | None,
        node: ast.AST,
        given: tuple[tuple[str, Value], ...] = (),
    ) -> Key:
        """Note that the body calls or hands on a function."""
        key = Key(target.function, receiver, target.closure, given)
        if not self.quiet:
            self.facts.edges.setdefault(key, getattr(node, "lineno", 1))
        return key

    def span(self, node: ast.AST) -> Span:
        return self.source.span(node)  # type: ignore[arg-type]

    # ------------------------------------------------------------ what layers above provide

    @abstractmethod
    def evaluate(self, node: ast.expr) -> Value:
        """The value of an expression; what it does on the way is noted."""

    @abstractmethod
    def invoke(self, target: Value, given: Given, node: ast.expr) -> Value:
        """Call a value."""

    @abstractmethod
    def attribute(self, value: Value, name: str, node: ast.expr) -> Value:
        """Read an attribute, without reporting that it is read."""

    @abstractmethod
    def escape(self, value: Value, node: ast.expr) -> Value:
        """A value goes where nobody follows it: report and reach what it may do there."""

    @abstractmethod
    def scope_of_annotations(self) -> ClassScope | None:
        """The class whose names annotations in here may mean."""

    @abstractmethod
    def settled_await(self, value: Value, node: ast.expr) -> Value:
        """What a task made of a value gives; whoever runs the task awaits it."""

    @abstractmethod
    def execute(self, body: list[ast.stmt]) -> bool:
        """Run statements; False when their end is not reached."""

    def returned(self, func: Func, receiver: Value | None) -> Facts:
        """The facts of a function that is called."""
        return self.analysis.facts(Key(func.function, receiver, func.closure))
