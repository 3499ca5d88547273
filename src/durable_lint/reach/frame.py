"""A frame is one reading of one function; what it learns goes into its facts, and nowhere else."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import Final

from durable_lint.model import Span
from durable_lint.reach.facts import Disorder, Facts, Given, Key, Touch
from durable_lint.reach.knowledge import Knowledge
from durable_lint.reach.observations import Iterated, MadeAtImport, Observation
from durable_lint.reach.places import Place
from durable_lint.reach.scopes import ClassScope, Function, Module
from durable_lint.reach.values import Func, Value

__all__ = ["Frame"]


# Names of one function that are told apart on different ways through it.
MOST_NAMES: Final = 500


class Frame(ABC):
    """The state of one reading, and what the layers above add to it."""

    def __init__(
        self,
        analysis: Knowledge,
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
        self.taken: dict[Place, Iterated] = {}
        # How many time limits stand round what is read now.
        self.limits = 0
        # A guard such as `if not is_replaying()` stands round what is read now.
        self.once = False
        # Sets, by their source, that a test has shown to hold one element here: they have one
        # order.
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
            self.facts.findings.setdefault((seen.place, judged.code), judged)
            if seen.place.path != self.module.path:
                self.facts.abroad = True

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

    def read(self, state: str, node: ast.AST) -> None:
        """Module or class state is read."""
        self.facts.reads.append(Touch(state, self.place(node), "read"))
        self.analysis.reads_state(state)
        made = self.analysis.differing.get(state)
        if made is not None:
            name, entry = made
            self.observe(
                MadeAtImport(
                    place=self.place(node),
                    dialect=self.dialect,
                    in_async=self.is_async,
                    state=state,
                    name=name,
                    entry=entry,
                )
            )

    def wrote(self, state: str, node: ast.AST, way: str) -> None:
        """Module or class state is changed."""
        if state and not self.quiet:
            self.facts.writes.append(Touch(state, self.place(node), way))

    def span(self, node: ast.AST) -> Span:
        return self.source.span(node)  # type: ignore[arg-type]

    def place(self, node: ast.AST) -> Place:
        """Where a node of the function, or of the module, that is being read stands."""
        return Place(self.module.path, self.span(node), self.function)

    # ------------------------------------------------------------ what layers above provide

    @abstractmethod
    def evaluate(self, node: ast.expr) -> Value:
        """The value of an expression; what it does on the way is noted."""

    def quietly(self, node: ast.expr) -> Value:
        """The value of something that was evaluated already."""
        before, self.quiet = self.quiet, True
        try:
            return self.evaluate(node)
        finally:
            self.quiet = before

    @abstractmethod
    def invoke(self, target: Value, given: Given, node: ast.expr) -> Value:
        """Call a value."""

    @abstractmethod
    def attribute(self, value: Value, name: str, node: ast.expr) -> Value:
        """Read an attribute, without reporting that it is read."""

    @abstractmethod
    def scope_of_annotations(self) -> ClassScope | None:
        """The class whose names annotations in here may mean."""

    @abstractmethod
    def execute(self, body: list[ast.stmt]) -> bool:
        """Run statements; False when their end is not reached."""

    def returned(self, func: Func, receiver: Value | None) -> Facts:
        """The facts of a function that is called."""
        return self.analysis.facts(Key(func.function, receiver, func.closure))
