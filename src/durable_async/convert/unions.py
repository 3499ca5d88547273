"""Unions and literals: stored so that the member which was meant is the one that comes back.

Invariant: what is stored names its member wherever its form alone would not tell. A value that is
stored as itself (a str, a list of ints) stays bare; a member that could be mistaken for another
carries its name: {"_type": "Order", ...its fields}, or {"_type": "datetime", "value": "..."}.
"""

from __future__ import annotations

import collections
import enum
import types
import typing
from typing import Any, Final, Literal

import attrs

from durable_async.convert.classes import advice_on_subclass, field_names
from durable_async.convert.hints import (
    Reference,
    describe,
    is_union,
    origin_of,
    same_meaning,
)
from durable_async.convert.leaves import BUILTINS
from durable_async.convert.refusals import Forms, Lift, Lower, RefusedError
from durable_async.convert.shapes import Shape, Shapes, alias_value, is_alias, shape_of

__all__ = ["TAG", "literal_hooks", "union_hooks", "union_members"]

Hooks = tuple[Lower, Lift]

TAG: Final = "_type"
_VALUE: Final = "value"
_BARE_DICT: Final = "dict"


@attrs.frozen
class _Member:
    """tag: its name in stored data; None if it is stored bare. inline: the tag stands among its
    fields. exact: values of exactly this class can only be meant for it."""

    hint: Any
    shape: Shape
    lower: Lower
    lift: Lift
    tag: str | None
    inline: bool
    exact: type | None


def union_members(hint: Any) -> list[Any]:
    """The members, those of unions inside it included, each once.

    In an order of their own: unions that differ in order only are equal to Python, so they have
    to be stored alike. What takes more comes later: a float takes an int, Any takes everything.
    """
    found: list[Any] = []
    for member in typing.get_args(hint):
        meaning = same_meaning(member)
        if is_alias(meaning):
            meaning = alias_value(meaning)
        elif isinstance(meaning, Reference):
            meaning = meaning.resolve()
        inner = union_members(meaning) if is_union(meaning) else [same_meaning(member)]
        found += [each for each in inner if each not in found]
    return sorted(found, key=_breadth)


def _breadth(member: Any) -> tuple[bool, bool, str]:
    name = describe(member)
    module = getattr(origin_of(member), "__module__", "")
    return member is Any or member is object, "float" in name, f"{name} {module}"


def union_hooks(hint: Any, forms: Forms, shapes: Shapes) -> Hooks:
    members = _members(union_members(hint), forms, shapes)
    by_class = {member.exact: member for member in members if member.exact is not None}
    others = tuple(member for member in members if member.exact is None)
    words = describe(hint)

    def lower(value: Any) -> Any:
        member = by_class.get(type(value))
        if member is not None:
            return _tagged(member, member.lower(value))
        if others:
            return _lower_first(others, value, words)
        advice = next(filter(None, (advice_on_subclass(value, cls) for cls in by_class)), "")
        raise RefusedError(value, words, advice)

    return lower, _union_lift(members, words)


def _members(hints: list[Any], forms: Forms, shapes: Shapes) -> tuple[_Member, ...]:
    known = [(hint, shape_of(hint, shapes)) for hint in hints]
    names = collections.Counter(describe(hint) for hint in hints)
    found: list[_Member] = []
    for hint, shape in known:
        others = [other for each, other in known if each is not hint]
        unclear = not shape.transparent and any(shape.kinds & other.kinds for other in others)
        name = describe(hint)
        if names[name] > 1:
            name = f"{getattr(origin_of(hint), '__module__', '')}:{name}"
        found.append(
            _Member(
                hint,
                shape,
                forms.lower(hint),
                forms.lift(hint),
                name if unclear else None,
                _is_inline(hint, shapes),
                _exact_class(hint),
            )
        )
    return tuple(found)


def _is_inline(hint: Any, shapes: Shapes) -> bool:
    cls = origin_of(hint)
    if not (isinstance(cls, type) and shapes.is_own(hint)):
        return False
    names = field_names(cls)
    return names is not None and TAG not in names


def _exact_class(hint: Any) -> type | None:
    """The class whose instances belong to this member alone: not one of `list[int] | list[str]`."""
    if hint in BUILTINS:
        return None if hint is float else typing.cast(type, hint)
    return hint if isinstance(hint, type) and field_names(hint) is not None else None


# ---- writing -------------------------------------------------------------------------------


def _lower_first(members: tuple[_Member, ...], value: Any, words: str) -> Any:
    refusals: list[RefusedError] = []
    for member in members:
        try:
            lowered = member.lower(value)
        except RefusedError as refused:
            refusals.append(refused)
        else:
            return _tagged(member, lowered)
    raise _closest(refusals, value, words)


def _closest(refusals: list[RefusedError], value: Any, words: str) -> RefusedError:
    """The one that got furthest into the value, if one did; else that no member fits."""
    deep = [refused for refused in refusals if refused.path]
    if len(deep) == 1:
        return deep[0]
    advice = next((refused.advice for refused in refusals if refused.advice), "")
    return RefusedError(value, words, advice if len(refusals) == 1 else "")


def _tagged(member: _Member, lowered: Any) -> Any:
    if member.tag is None:
        if type(lowered) is dict and TAG in lowered:
            return {TAG: _BARE_DICT, _VALUE: lowered}
        return lowered
    if member.inline:
        return {TAG: member.tag, **lowered}
    return {TAG: member.tag, _VALUE: lowered}


# ---- reading -------------------------------------------------------------------------------


def _union_lift(members: tuple[_Member, ...], words: str) -> Lift:
    tagged = {member.tag: member for member in members if member.tag is not None}
    bare = tuple(member for member in members if member.tag is None)

    def lift(value: Any, _: Any) -> Any:
        if type(value) is dict and TAG in value:
            member = tagged.get(value[TAG]) if type(value[TAG]) is str else None
            if member is not None:
                return member.lift(_untagged(member, value, words), member.hint)
            if value[TAG] == _BARE_DICT and value.keys() == {TAG, _VALUE}:
                return _lift_first(bare, value[_VALUE], words)
        try:
            return _lift_first(bare, value, words)
        except RefusedError:
            if not tagged:
                raise
        return _lift_only(tuple(tagged.values()), value, words)

    return lift


def _untagged(member: _Member, value: dict[str, Any], words: str) -> Any:
    if member.inline:
        return {key: part for key, part in value.items() if key != TAG}
    if value.keys() != {TAG, _VALUE}:
        raise RefusedError(value, words)
    return value[_VALUE]


def _lift_first(members: tuple[_Member, ...], value: Any, words: str) -> Any:
    refusals: list[RefusedError] = []
    kind = type(value)
    for member in members:
        if kind in member.shape.kinds:
            try:
                return member.lift(value, member.hint)
            except RefusedError as refused:
                refusals.append(refused)
    raise _closest(refusals, value, words)


def _lift_only(members: tuple[_Member, ...], value: Any, words: str) -> Any:
    """Data without a tag: stored before the hint became a union, or written by hand. It is taken
    if it fits exactly one member."""
    fitting: list[Any] = []
    refusals: list[RefusedError] = []
    for member in members:
        try:
            fitting.append(member.lift(value, member.hint))
        except RefusedError as refused:
            refusals.append(refused)
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise _closest(refusals, value, words)
    raise RefusedError(
        value, words, f'It fits several members: say which with "{TAG}", e.g. {_example(members)}.'
    )


def _example(members: tuple[_Member, ...]) -> str:
    return f'{{"{TAG}": "{members[0].tag}", ...}}'


# ---- literals ------------------------------------------------------------------------------


def literal_hooks(hint: Any, forms: Forms) -> Hooks:
    words = describe(hint)
    allowed: dict[tuple[type, Any], Any] = {}
    stored: dict[tuple[type, Any], Any] = {}
    for value in _literal_values(hint):
        kind = type(value)
        lowered = forms.lower(kind if kind is not types.NoneType else None)(value)
        if (type(lowered), lowered) in stored:
            raise RefusedError(value, words, "Two of its values have the same stored form.")
        allowed[kind, value] = lowered
        stored[type(lowered), lowered] = value

    def lower(value: Any) -> Any:
        try:
            return allowed[type(value), value]
        except (KeyError, TypeError):
            raise RefusedError(value, words) from None

    def lift(value: Any, _: Any) -> Any:
        try:
            return stored[type(value), value]
        except (KeyError, TypeError):
            raise RefusedError(value, words) from None

    return lower, lift


def _literal_values(hint: Any) -> list[Any]:
    found: list[Any] = []
    for value in typing.get_args(hint):
        nested = typing.get_origin(value) is Literal and not isinstance(value, enum.Enum)
        found += _literal_values(value) if nested else [value]
    return found
