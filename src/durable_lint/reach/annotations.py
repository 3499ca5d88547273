"""An annotation is read as a promise about a value; what it does not say is unknown."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    Class,
    Constant,
    External,
    Instance,
    Made,
    Object,
    Union,
    Unknown,
    Value,
    copied,
    join,
    members_of,
)

__all__ = ["TRANSPARENT", "promised", "read_annotation"]

TRANSPARENT: Final = frozenset(
    {
        "typing.Annotated",
        "typing.ClassVar",
        "typing.Final",
        "typing.Required",
        "typing.NotRequired",
        "typing.ReadOnly",
        "typing_extensions.Annotated",
        "dataclasses.InitVar",
    }
)
ALIASES: Final = {
    "typing.List": "builtins.list",
    "typing.Sequence": "builtins.list",
    "collections.abc.Sequence": "builtins.list",
    "typing.MutableSequence": "builtins.list",
    "collections.abc.MutableSequence": "builtins.list",
    "typing.Dict": "builtins.dict",
    "typing.Mapping": "builtins.dict",
    "typing.MutableMapping": "builtins.dict",
    "collections.abc.Mapping": "builtins.dict",
    "collections.abc.MutableMapping": "builtins.dict",
    "typing.DefaultDict": "collections.defaultdict",
    "typing.OrderedDict": "collections.OrderedDict",
    "typing.Set": "builtins.set",
    "typing.AbstractSet": "builtins.set",
    "typing.MutableSet": "builtins.set",
    "collections.abc.Set": "builtins.set",
    "collections.abc.MutableSet": "builtins.set",
    "typing.FrozenSet": "builtins.frozenset",
    "typing.Tuple": "builtins.tuple",
    "typing.Deque": "collections.deque",
    "typing.Text": "builtins.str",
    "typing.Iterator": "builtins.iterator",
    "typing.Iterable": "builtins.iterator",
    "typing.Generator": "builtins.iterator",
    "typing.AsyncIterator": "builtins.iterator",
    "typing.AsyncIterable": "builtins.iterator",
    "typing.AsyncGenerator": "builtins.iterator",
    "typing.Collection": "builtins.iterator",
    "collections.abc.Iterator": "builtins.iterator",
    "collections.abc.Iterable": "builtins.iterator",
    "collections.abc.Generator": "builtins.iterator",
    "collections.abc.AsyncIterator": "builtins.iterator",
    "collections.abc.AsyncIterable": "builtins.iterator",
    "collections.abc.AsyncGenerator": "builtins.iterator",
    "collections.abc.Collection": "builtins.iterator",
    "collections.abc.KeysView": "builtins.dict_keys",
    "typing.KeysView": "builtins.dict_keys",
}
UNKNOWABLE: Final = frozenset(
    {
        "typing.Any",
        "typing.Callable",
        "collections.abc.Callable",
        "typing.TypeVar",
        "typing.Type",
        "builtins.type",
        "builtins.object",
        "typing.NoReturn",
        "typing.Never",
        "typing.Literal",
        "typing.Awaitable",
        "typing.Coroutine",
        "collections.abc.Awaitable",
        "collections.abc.Coroutine",
        "typing.Hashable",
        "typing.TypeAlias",
    }
)


def read_annotation(node: ast.expr | None, evaluate: Callable[[ast.expr], Value]) -> Value:
    """The value that an annotation promises. evaluate: gives the meaning of a name in it."""
    if node is None:
        return UNKNOWN
    match node:
        case ast.Constant(None):
            return Constant(None, "NoneType")
        case ast.Constant(str() as text):
            try:
                return read_annotation(ast.parse(text.strip(), mode="eval").body, evaluate)
            except (SyntaxError, ValueError, RecursionError):
                return UNKNOWN
        case ast.BinOp(left, ast.BitOr(), right):
            return join(read_annotation(left, evaluate), read_annotation(right, evaluate))
        case ast.Subscript(head, inner):
            return _generic(evaluate(head), inner, evaluate)
        case ast.Tuple(parts):
            joined: Value = NOTHING
            for part in parts:
                joined = join(joined, read_annotation(part, evaluate))
            return joined
        case ast.Name() | ast.Attribute():
            return _plain(evaluate(node))
        case _:
            return UNKNOWN


def _plain(value: Value) -> Value:
    match value:
        case Class(scope):
            return Object(scope, exact=False)
        case External(name):
            name = ALIASES.get(name, name)
            return UNKNOWN if name in UNKNOWABLE else Instance(name)
        case Instance("typing.TypeVar" | "typing.ParamSpec" | "typing.TypeVarTuple"):
            return UNKNOWN
        case Instance() | Object():
            return copied(value)  # an alias of a type, read already
        case Union(parts):
            joined: Value = NOTHING
            for part in parts:
                joined = join(joined, _plain(part))
            return joined
        case _:
            return UNKNOWN


def _generic(head: Value, inner: ast.expr, evaluate: Callable[[ast.expr], Value]) -> Value:
    parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
    for value in members_of(head):
        if type(value) is Class:
            return Object(value.scope, exact=False)
        if type(value) is not External:
            continue
        name = ALIASES.get(value.name, value.name)
        if name == "typing.Optional":
            return join(read_annotation(parts[0], evaluate), Constant(None, "NoneType"))
        if name == "typing.Union":
            joined: Value = NOTHING
            for part in parts:
                joined = join(joined, read_annotation(part, evaluate))
            return joined
        if name in TRANSPARENT:
            return read_annotation(parts[0], evaluate)
        if name in UNKNOWABLE:
            return UNKNOWN
        if name == "builtins.tuple" and len(parts) == 2 and _is_ellipsis(parts[1]):
            return Instance("builtins.list", (read_annotation(parts[0], evaluate),))
        return Instance(name, tuple(read_annotation(part, evaluate) for part in parts))
    return UNKNOWN


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def promised(value: Value, known: Value) -> Value:
    """A value together with what its annotation promises.

    The annotation speaks where the value does not: for what is unknown, for what a library gave
    that nobody knows, for the elements of a collection. What is known otherwise stays as it is.
    """
    if known is UNKNOWN:
        return value
    if value is NOTHING:
        return known
    joined: Value = NOTHING
    for part in members_of(value):
        joined = join(joined, _promised_part(part, known))
    return joined


def _promised_part(part: Value, known: Value) -> Value:
    match part:
        case Unknown() | Made():
            return known
        case Constant(None):
            return (
                known
                if part in members_of(known) or type(known) is not Union
                else join(part, known)
            )
        case External() if not part.told:
            return join(part, known)
        case Instance(cls) if not cls.startswith("builtins."):
            objects = [other for other in members_of(known) if type(other) is Object]
            widened: Value = _with_elements(part, known)
            for other in objects:
                widened = join(widened, other)
            return widened
        case Instance():
            return _with_elements(part, known)
        case _:
            return part


def _with_elements(part: Instance, known: Value) -> Value:
    """An annotation says what the elements are when the value does not."""
    for other in members_of(known):
        if type(other) is not Instance or other.cls != part.cls or not other.items:
            continue
        if not part.items:
            return Instance(part.cls, other.items, part.disorder, part.state)
        if len(part.items) == len(other.items):
            items = tuple(
                element if item is UNKNOWN or item is NOTHING or type(item) is Made else item
                for item, element in zip(part.items, other.items, strict=True)
            )
            return Instance(part.cls, items, part.disorder, part.state)
    return part
