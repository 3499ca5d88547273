"""A use of what a library offers is judged where its name stands, and once for that place.

To hand a function on is a use of it as well: whoever is given it will call it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from durable_lint.model import Unresolved
from durable_lint.reach.contexts import Contexts
from durable_lint.reach.facts import Given
from durable_lint.reach.keepsakes import counts_with
from durable_lint.reach.names import rendered
from durable_lint.reach.observations import DroppedCall, How, Pending, Use
from durable_lint.reach.values import (
    Constant,
    External,
    Instance,
    Member,
    Pend,
    Value,
    members_of,
)
from durable_lint.vocabulary.entry import Arguments, Entry

__all__ = ["Uses", "arguments_of", "is_of_a_task", "really_counts"]

# What tasks of durabletask and of Azure's functions have.
OF_TASKS: Final = frozenset(
    {
        *("action_repr", "cancel", "change_state", "children", "completed_tasks", "complete"),
        *("fail", "get_completed_tasks", "get_exception", "get_result", "get_tasks", "id"),
        *("is_cancelled", "is_complete", "is_completed", "is_failed", "is_played", "name"),
        *("parent", "pending_tasks", "result", "set_is_played", "set_value", "state"),
        *("timer_task", "retryable_parent", "first_task", "actions"),
    }
)


class Uses(Contexts):
    """What is said about names of libraries, and about calls that nobody awaits."""

    def dropped(self, value: Pend, node: ast.expr, use: str, *, of_a_task: bool = False) -> None:
        """A call that is not awaited where its result is meant.

        It is reported where it was made: that may be in another function, or another file.
        of_a_task: a task may be used so. In durabletask a call is one: it is compared with what
        `task_any` gave, cancelled, asked for its result ...
        """
        if of_a_task and self.dialect == "durabletask":
            return
        if not self.analysis.reaching and value.kind not in {
            Pending.ACTIVITY,
            Pending.ORCHESTRATOR,
        }:
            return
        made = value.made or self.place(node)
        self.observe(
            DroppedCall(
                place=made,
                dialect=self.dialect,
                in_async=made.function is not None and made.function.is_async,
                name=value.name,
                kind=value.kind,
                use=use,
                reached=self.analysis.reaching,
            )
        )

    def lost(self, value: Value, node: ast.expr, use: str) -> None:
        """An expression makes calls, and nobody has them afterwards.

        What it only passes on - `seen.setdefault(key, call)`, `keep(call)`, a name - somebody else
        may have, and await.
        """
        calls = [part for part in members_of(value) if type(part) is Pend]
        if calls:
            makers = {self.place(maker) for maker in _makers_of(node)}
            for call in calls:
                if call.made is None or call.made in makers:
                    self.dropped(call, node, use)

    def note_unresolved(self, node: ast.Call) -> None:
        """Nobody knows what is called."""
        text = ast.unparse(node.func)
        self.facts.unresolved.append(
            Unresolved(
                self.module.path,
                self.span(node.func),
                text if len(text) <= 60 else text[:57] + "...",
                self.function.qualname if self.function else "<module>",
            )
        )

    # Calls of which only matters whether what they give is the same again.
    compared: frozenset[ast.expr] = frozenset()

    def compares(self, *nodes: ast.expr) -> None:
        """`id(x)` that is a key, or is compared, says no more than which object it is."""
        calls = {node for node in nodes if _is_identity(node)}
        if calls:
            self.compared |= calls

    # What the `await` that is being read waits for.
    awaiting: ast.expr | None = None

    def use(
        self,
        name: str,
        entry: Entry,
        how: How,
        node: ast.expr,
        given: Given | None = None,
    ) -> None:
        """A name that counts is used."""
        if self.once and entry.category == "logging_print":
            return
        if entry.category == "foreign_await":
            return  # reported where it is awaited
        self.observe(
            Use(
                place=self.place(node),
                dialect=self.dialect,
                in_async=self.is_async,
                name=name,
                how=how,
                entry=entry,
                awaited=node is self.awaiting,
                positional=len(given.positional) if given else 0,
                keywords=tuple(name for name, _ in given.keywords) if given else (),
            )
        )

    def note_attribute(self, value: Value, node: ast.expr) -> None:
        """Reading `os.environ` counts, whatever is done with it."""
        if type(value) is External:
            entry = self.vocabulary.name(value.name)
            if (
                entry is not None
                and entry.attribute
                and self.vocabulary.name(value.name.rpartition(".")[0]) is not entry
            ):
                owner = self.vocabulary.name(value.name.rpartition(".")[0])
                if owner is None or not owner.attribute:
                    self.use(value.name, entry, How.ATTRIBUTE, node)
        elif type(value) is Member:
            entry = self.vocabulary.member(rendered(value.of), value.path)
            if entry is not None and entry.attribute:
                self.use(f"{value.of.cls}.{value.path}", entry, How.ATTRIBUTE, node)

    def reference(self, value: External, node: ast.expr) -> None:
        """A library's function is handed on to somebody who will call it."""
        if value.told or value.name.startswith("durable"):
            return
        entry = self.vocabulary.name(value.name)
        if entry is None or entry.attribute or self.vocabulary.is_class(value.name):
            return
        self.use(value.name, entry, How.REFERENCE, node)

    def member_reference(self, value: Member, node: ast.expr) -> None:
        """A method of a library's object is handed on."""
        cls = rendered(value.of)
        if self.vocabulary.is_attribute(cls, value.path):
            return
        entry = self.vocabulary.member(cls, value.path)
        if entry is not None and counts_with(value.of, Given()):
            self.use(f"{value.of.cls}.{value.path}", entry, How.REFERENCE, node)

    def references(self, given: Given, node: ast.expr) -> None:
        """Arguments go to a function whose flow is known: a library's among them it may call."""
        for value in given.positional:
            if type(value) is External:
                self.reference(value, node)
        for _, value in given.keywords:
            if type(value) is External:
                self.reference(value, node)

    def told(self, given: Given, node: ast.expr) -> Given:
        """Report functions of libraries where they are handed over, and mark them as reported."""
        values = (*given.positional, *(value for _, value in given.keywords))
        if not any(type(value) is External for value in values):
            return given
        arguments = node.args if isinstance(node, ast.Call) else []
        positional = []
        for place, value in enumerate(given.positional):
            at = arguments[place] if place < len(arguments) else node
            positional.append(self.tell(value, at))
        keywords = []
        named = {k.arg: k.value for k in node.keywords} if isinstance(node, ast.Call) else {}
        for name, value in given.keywords:
            keywords.append((name, self.tell(value, named.get(name, node))))
        return Given(tuple(positional), tuple(keywords), given.starred)

    def tell(self, value: Value, node: ast.expr) -> Value:
        """Report a library's function that is handed over, and mark it as reported."""
        if type(value) is External and not self.quiet and not value.told:
            entry = self.vocabulary.name(value.name)
            if (
                entry is not None
                and not entry.attribute
                and not self.vocabulary.is_class(value.name)
            ):
                self.reference(value, node)
                return External(value.name, told=True)
        return value


def is_of_a_task(name: str) -> bool:
    """Whether a task of durabletask, or of Azure's functions, has an attribute of this name."""
    return name in OF_TASKS or name.startswith("_")


def _is_identity(node: ast.expr) -> bool:
    match node:
        case ast.Call(ast.Name("id"), [_], []):
            return True
        case _:
            return False


def _makers_of(node: ast.expr) -> Iterator[ast.expr]:
    """The parts of an expression one of which makes what it gives, if it makes that itself."""
    match node:
        case ast.IfExp(_, body, orelse):
            yield from _makers_of(body)
            yield from _makers_of(orelse)
        case ast.BoolOp(_, values):
            for value in values:
                yield from _makers_of(value)
        case ast.Await(value):
            yield from _makers_of(value)
        case _:
            yield node


def arguments_of(given: Given) -> Arguments:
    """What the vocabulary wants to know of arguments."""
    known = given.positional[0] if given.positional else None
    return Arguments(
        len(given.positional),
        frozenset(name for name, _ in given.keywords),
        given.starred,
        known.value if type(known) is Constant else ...,
        known.cls if type(known) is Instance else "",
    )


def really_counts(name: str, given: Given) -> bool:
    """Conditions that hang on what the argument is."""
    if name == "builtins.hash" and given.positional:
        return not _hashes_alike(given.positional[0])
    if name in {"builtins.print", "pprint.pprint", "pprint.pp", "traceback.print_exc"}:
        return not any(
            keyword in {"file", "stream"}
            and isinstance(value, Instance)
            and value.cls in {"io.StringIO", "io.BytesIO"}
            for keyword, value in given.keywords
        )
    return True


def _hashes_alike(value: Value) -> bool:
    """Whether the hash of a value is the same in every process."""
    match value:
        case Constant(_, kind):
            return kind in {"int", "float", "bool", "complex", "NoneType"}
        case Instance(cls, items):
            if cls == "builtins.tuple":
                return bool(items) and all(_hashes_alike(item) for item in items)
            return cls in {"builtins.int", "builtins.float", "builtins.bool"}
        case _:
            return False
