"""What the stored form of a hint can look like, known without a value.

Invariant: two hints whose kinds are disjoint can be told apart in stored data, and a transparent
hint stores a value as itself.
"""

from __future__ import annotations

import collections
import collections.abc
import enum
import types
import typing
from collections.abc import Callable
from typing import Any, Final, Literal, Protocol

import attrs

from durable_async.convert.hints import (
    Reference,
    arguments_of,
    fields_of,
    is_union,
    origin_of,
    same_meaning,
    substituted,
)
from durable_async.convert.leaves import BUILTINS, LEAVES, enum_leaf

__all__ = [
    "DICTS",
    "LISTS",
    "SETS",
    "UNKNOWN",
    "Shape",
    "Shapes",
    "alias_value",
    "is_alias",
    "is_typed_dict",
    "shape_of",
]


@attrs.frozen
class Shape:
    """kinds: the types, as JSON has them, that the stored form can have. transparent: stored form
    and value are the same."""

    kinds: frozenset[type]
    transparent: bool = False


_EVERY_KIND: Final = frozenset({types.NoneType, bool, int, float, str, list, dict})
_ANYTHING: Final = Shape(_EVERY_KIND, transparent=True)
UNKNOWN: Final = Shape(_EVERY_KIND)
_ARRAY: Final = Shape(frozenset({list}))
_OBJECT: Final = Shape(frozenset({dict}))
_ITSELF: Final = Shape(frozenset(), transparent=True)
"""Of a recursive hint inside itself: it adds nothing new (the greatest fixed point)."""

LISTS: Final = (
    list,
    collections.abc.MutableSequence,
    collections.abc.Sequence,
    collections.abc.Collection,
    collections.abc.Iterable,
)
SETS: Final = (set, frozenset, collections.abc.Set, collections.abc.MutableSet)
DICTS: Final = (
    dict,
    collections.OrderedDict,
    collections.Counter,
    collections.abc.Mapping,
    collections.abc.MutableMapping,
)


class Shapes(Protocol):
    """Whether the hooks of a type are ours: only then is its shape known."""

    def is_own(self, hint: Any, /) -> bool: ...


def shape_of(hint: Any, shapes: Shapes, inside: frozenset[Any] = frozenset()) -> Shape:
    """inside: the recursive names that this one is reached through."""
    hint = same_meaning(hint)
    if hint is Any or hint is object:
        return _ANYTHING
    if isinstance(hint, Reference) or is_alias(hint):
        return _shape_of_name(hint, shapes, inside)
    if is_union(hint):
        return _joined([shape_of(member, shapes, inside) for member in typing.get_args(hint)])
    if not shapes.is_own(hint):
        return UNKNOWN
    if typing.get_origin(hint) is Literal:
        return _shape_of_literal(typing.get_args(hint))
    origin = origin_of(hint)
    if is_typed_dict(origin):
        return _shape_of_typed_dict(hint, shapes, inside)
    if isinstance(origin, type):
        return _shape_of_class(hint, origin, lambda inner: shape_of(inner, shapes, inside))
    return UNKNOWN


def _shape_of_name(hint: Any, shapes: Shapes, inside: frozenset[Any]) -> Shape:
    if hint in inside:
        return _ITSELF
    value = hint.resolve() if isinstance(hint, Reference) else alias_value(hint)
    return shape_of(value, shapes, inside | {hint})


def _shape_of_typed_dict(hint: Any, shapes: Shapes, inside: frozenset[Any]) -> Shape:
    if hint in inside:
        return _ITSELF
    known = arguments_of(hint)
    fields = [substituted(field, known) for field in fields_of(origin_of(hint)).values()]
    inner = [shape_of(field, shapes, inside | {hint}) for field in fields]
    return Shape(frozenset({dict}), all(shape.transparent for shape in inner))


def _joined(members: list[Shape]) -> Shape:
    kinds = frozenset[type]().union(*(member.kinds for member in members))
    return Shape(kinds, all(member.transparent for member in members))


def _shape_of_literal(values: tuple[Any, ...]) -> Shape:
    if all(type(value) in BUILTINS for value in values):
        return Shape(frozenset(type(value) for value in values), transparent=True)
    return UNKNOWN


def _shape_of_class(hint: Any, origin: type, inner: Callable[[Any], Shape]) -> Shape:
    args = typing.get_args(hint)
    if origin in LEAVES:
        return Shape(LEAVES[origin].kinds, transparent=origin in BUILTINS)
    if origin in LISTS:
        return Shape(frozenset({list}), all(inner(arg).transparent for arg in args))
    if origin in DICTS:
        return _shape_of_dict(origin, args, inner)
    if issubclass(origin, enum.Enum):
        return Shape(enum_leaf(origin).kinds)
    for base in (str, int, float):
        if issubclass(origin, base):
            return Shape(BUILTINS[base].kinds)
    if origin in SETS or issubclass(origin, tuple | collections.deque):
        return _ARRAY
    return _OBJECT


def _shape_of_dict(origin: type, args: tuple[Any, ...], inner: Callable[[Any], Shape]) -> Shape:
    key = inner(args[0]).kinds if args and same_meaning(args[0]) is not Any else frozenset({str})
    if key not in (frozenset({str}), frozenset({int})):
        return _ARRAY
    if origin in (collections.OrderedDict, collections.Counter):
        return _OBJECT
    return Shape(frozenset({dict}), all(inner(arg).transparent for arg in args))


def is_typed_dict(hint: Any) -> bool:
    # Not typing.is_typeddict: typing_extensions makes classes of its own.
    return isinstance(hint, type) and issubclass(hint, dict) and hasattr(hint, "__total__")


def is_alias(hint: Any) -> bool:
    """Whether it is made by a `type X = ...` statement, type arguments or not."""
    return type(origin_of(hint)).__name__ == "TypeAliasType"


def alias_value(hint: Any) -> Any:
    """What an alias stands for, type arguments put in."""
    args = typing.get_args(hint)
    value = origin_of(hint).__value__
    return value[args] if args else value
