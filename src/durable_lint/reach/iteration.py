"""The order of a set is reported where it is taken, once something shows that the order matters.

What is made from a set in passing carries the place of that with it (`disorder`). It is reported
when the value goes on to a command, a caller or a collection in order; it is forgotten when the
value is sorted, counted or put into a set.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Final

import attrs

from durable_lint.reach.facts import Disorder, Given
from durable_lint.reach.lading import part_of
from durable_lint.reach.names import Names, rendered
from durable_lint.reach.notation import parse_type
from durable_lint.reach.observations import Iterated, Pending
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    Bound,
    Class,
    Constant,
    Func,
    Instance,
    Made,
    Object,
    Pend,
    Union,
    Value,
    join,
    members_of,
)
from durable_lint.vocabulary.order import UNORDERED_TYPES

__all__ = ["Iteration", "is_set", "lone", "without_disorder"]

HARMLESS: Final = frozenset(
    {
        "builtins.int",
        "builtins.float",
        "builtins.bool",
        "builtins.complex",
        "asyncio.Task",
        "asyncio.Future",
    }
)
NUMBERS: Final = frozenset(
    {"builtins.int", "builtins.float", "builtins.bool", "decimal.Decimal", "fractions.Fraction"}
)
COMPARABLE: Final = frozenset(
    {
        "builtins.str",
        "builtins.bytes",
        "datetime.date",
        "datetime.datetime",
        "datetime.time",
        "datetime.timedelta",
        "ipaddress.IPv4Address",
        "ipaddress.IPv6Address",
        "pathlib.Path",
        "pathlib.PosixPath",
        "pathlib.PurePath",
        "pathlib.PurePosixPath",
        "uuid.UUID",
    }
)
ALL_TASKS: Final = "asyncio.all_tasks"
COMMANDS: Final = frozenset({Pending.ACTIVITY, Pending.ORCHESTRATOR, Pending.TIMER, Pending.EVENT})


def is_set(value: Value) -> bool:
    """Whether it is a set of some kind."""
    return type(value) is Instance and (value.cls in UNORDERED_TYPES or value.cls == ALL_TASKS)


def without_disorder(value: Value) -> Value:
    """The value as something whose order does not come from a set any more."""
    match value:
        case Instance(cls, items, disorder):
            if disorder is None and not items:
                return value
            return Instance(cls, tuple(without_disorder(item) for item in items), None, value.state)
        case Union(parts) if any(type(p) is Instance and p.disorder is not None for p in parts):
            return Union(tuple(without_disorder(part) for part in parts))
        case _:
            return value


def harmless(element: Value) -> bool:
    """Whether a set of such elements iterates alike in every process."""
    match element:
        case Instance(cls, items):
            if cls in {"builtins.tuple", "builtins.frozenset"}:
                return bool(items) and all(harmless(item) for item in items)
            return cls in HARMLESS
        case Constant(_, kind):
            return kind in {"int", "float", "bool", "complex"}
        case Pend(kind, _, _, foreign):
            return kind in COMMANDS and not foreign
        case Object(scope):
            return _is_int_enum(scope)
        case Union(parts):
            return all(harmless(part) for part in parts)
        case _:
            return False


def comparable(element: Value) -> bool:
    """Whether any two such elements have an order, so that sorting them cannot fail.

    Nothing is known of an element of an unknown type, nor of a project's class.
    """
    kinds = {_ordered_kind(part) for part in members_of(element)}
    return len(kinds) == 1 and None not in kinds


def _ordered_kind(element: Value) -> tuple[str, ...] | None:
    """What an element can be compared with; None when it may be with nothing."""
    match element:
        case Instance("builtins.tuple", items) if items:
            kinds = [_ordered_kind(item) for item in items]
            return None if None in kinds else ("tuple", *map(str, kinds))
        case Instance(cls) if cls in NUMBERS:
            return ("number",)
        case Instance(cls):
            return (cls,) if cls in COMPARABLE else None
        case Constant(_, kind):
            return _ordered_kind(Instance(f"builtins.{kind}"))
        case _:
            return None


def _is_int_enum(scope: object) -> bool:
    bases = getattr(getattr(scope, "node", None), "bases", ())
    return any(
        (isinstance(base, ast.Name) and base.id in {"IntEnum", "IntFlag"})
        or (isinstance(base, ast.Attribute) and base.attr in {"IntEnum", "IntFlag"})
        for base in bases
    )


class Iteration(Names):
    """Iterating, and what order comes of it."""

    def disorder_of(self, value: Value, node: ast.expr, way: str) -> Iterated | None:
        """What there is to say about the order of a value that is iterated here."""
        if self.lone and ast.unparse(node) in self.lone:
            return None
        for part in members_of(value):
            if type(part) is not Instance:
                continue
            if part.disorder is not None:
                made = part.disorder
                if made.place.path == self.module.path or made.place.function is not None:
                    return made
                # It was made when another file was imported: what is reported is that it is used
                # here.
                return self.iterated(node, way, made.kind, sortable=made.sortable)
            if part.cls == ALL_TASKS:
                seen = self.iterated(node, way, "all_tasks", sortable=False)
                self.observe(seen)
                return seen
            if part.cls in UNORDERED_TYPES:
                element = part.items[0] if part.items else UNKNOWN
                if element is NOTHING or not harmless(element):
                    kind = part.cls.rpartition(".")[2]
                    sortable = comparable(element)
                    return self.iterated(node, way, kind, sortable=sortable)
        return None

    def text_order(self, value: Value, node: ast.expr) -> Iterated | None:
        """What there is to say about the order of a set that is written out."""
        for part in members_of(value):
            if is_set(part):
                seen = self.disorder_of(part, node, "text")
                # Sorted it would be written as a list.
                return None if seen is None else attrs.evolve(seen, sortable=False)
        return None

    def written_out(self, nodes: Iterable[ast.expr]) -> Instance:
        """A text that values were written into by `%` or `format`."""
        seen = None
        for node in nodes:
            seen = seen or self.text_order(self.quietly(node), node)
        return Instance("builtins.str", (), seen)

    def iterated(self, node: ast.expr, way: str, kind: str, *, sortable: bool) -> Iterated:
        return Iterated(
            place=self.place(node),
            dialect=self.dialect,
            in_async=self.is_async,
            what=_shortened(ast.unparse(node)),
            way=way,
            kind=kind,
            sortable=sortable,
        )

    def confirm(self, disorder: Iterated | None) -> None:
        """The order matters: report it."""
        if disorder is not None:
            self.observe(disorder)

    def confirm_loops(self) -> None:
        """Something is done in order within loops over what has none."""
        for loop in self.disorders:
            self.observe(loop.seen)

    def consume(self, value: Value) -> None:
        """A value goes on in its order, and what it holds in theirs."""
        for part in members_of(value):
            if type(part) is Instance:
                if part.disorder is not None:
                    self.observe(part.disorder)
                for item in part.items:
                    self.consume(item)

    def take_order(self, value: Value) -> Value:
        """A collection is made in the order of a set.

        That is reported at the end of the function, if not before, unless somebody sorts it. A text
        may be for the log alone.
        """
        if type(value) is Instance and value.disorder is not None and value.cls != "builtins.str":
            self.taken.setdefault(value.disorder.place, value.disorder)
        return value

    def forget_order(self, value: Value) -> None:
        """Whoever is given this does not mind its order."""
        for part in members_of(value):
            if type(part) is Instance and part.disorder is not None:
                self.taken.pop(part.disorder.place, None)

    def report_taken(self) -> None:
        """Nobody sorted what was made in the order of a set."""
        for seen in self.taken.values():
            self.observe(seen)

    def enter_loop(self, value: Value, node: ast.expr, target: ast.expr) -> bool:
        """Note that a `for` begins; True when it goes over something without an order."""
        seen = self.disorder_of(value, node, "for")
        if seen is None:
            return False
        names = {name.id for name in ast.walk(target) if isinstance(name, ast.Name)}
        self.disorders.append(Disorder(seen, names, node.lineno))
        return True

    def tainted(self, names: set[str]) -> Iterated | None:
        """The loop that a value made from these names hangs on."""
        for loop in self.disorders:
            if loop.names & names:
                return loop.seen
        return None

    # ------------------------------------------------------------ elements

    def element(self, value: Value, node: ast.expr, *, asynchronous: bool = False) -> Value:
        """What iterating a value gives."""
        joined: Value = NOTHING
        for part in members_of(self.held(value)):
            joined = join(joined, self._element(part, node, asynchronous=asynchronous))
        return UNKNOWN if joined is NOTHING else joined

    def _element(self, value: Value, node: ast.expr, *, asynchronous: bool) -> Value:
        match value:
            case Instance(cls, items):
                return self._element_of_instance(value, cls, items)
            case Constant(text, "str"):
                del text
                return Instance("builtins.str")
            case Object() | Class():
                return self._element_of_object(value, node, asynchronous=asynchronous)
            case Made():
                return part_of(value) or UNKNOWN
            case _:
                return UNKNOWN

    def _element_of_instance(self, value: Instance, cls: str, items: tuple[Value, ...]) -> Value:
        if cls in {"builtins.str", "builtins.bytes"}:
            return Instance("builtins.str" if cls == "builtins.str" else "builtins.int")
        if cls == "builtins.tuple":
            joined: Value = NOTHING
            for item in items:
                joined = join(joined, item)
            return UNKNOWN if joined is NOTHING else joined
        if items:
            return items[0]
        known = self.vocabulary.member_result(rendered(value), "__iter__")
        if known is None:
            known = self.vocabulary.member_result(rendered(value), "__aiter__")
        if known is not None:
            made = parse_type(known, items)
            if type(made) is Instance and made.items:
                return made.items[0]
        known = self.vocabulary.member_result(rendered(value), "__next__")
        return UNKNOWN if known is None else parse_type(known, items)

    def _element_of_object(self, value: Value, node: ast.expr, *, asynchronous: bool) -> Value:
        if type(value) is Class:
            return Object(value.scope) if self.analysis.is_enum(value.scope) else UNKNOWN
        start, step = ("__aiter__", "__anext__") if asynchronous else ("__iter__", "__next__")
        made = self.dunder(value, start, Given(), node)
        if made is None:
            made = self.dunder(value, "__getitem__", Given((UNKNOWN,)), node)
            return UNKNOWN if made is None else made
        if type(made) is Object:
            given = self.dunder(made, step, Given(), node)
            if given is None:
                return UNKNOWN
            return given.gives if type(given) is Pend else given
        return self.element(made, node, asynchronous=asynchronous)

    def dunder(self, value: Value, name: str, given: Given, node: ast.expr) -> Value | None:
        """Call a special method of a project's object, if its class has it."""
        if type(value) is not Object:
            return None
        found = self.analysis.method(value.scope, name)
        if found is None:
            return None
        return self.invoke(Bound(Func(found), value), given, node)


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


def lone(test: ast.expr, *, positive: bool) -> frozenset[str]:
    """What holds exactly one element when a test comes out so: `len(found) == 1`."""
    match test:
        case ast.UnaryOp(ast.Not(), inner):
            return lone(inner, positive=not positive)
        case ast.BoolOp(operator, parts) if isinstance(operator, ast.And) is positive:
            return frozenset().union(*(lone(part, positive=positive) for part in parts))
        case ast.Compare(
            ast.Call(ast.Name("len"), [counted], []), [operator], [ast.Constant(number)]
        ) if (type(operator), number, positive) in ONE:
            return frozenset({ast.unparse(counted)})
        case _:
            return frozenset()


ONE: Final = frozenset(
    {
        (ast.Eq, 1, True),
        (ast.Lt, 2, True),
        (ast.LtE, 1, True),
        (ast.NotEq, 1, False),
        (ast.Gt, 1, False),
        (ast.GtE, 2, False),
    }
)
