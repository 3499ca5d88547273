"""Which hints name something without a stored form. Invariant: what is found is found from the hint
alone, before there is a value; what has a form is never found.

A union has a form as soon as one of its members has, and a class if all the fields have that a
stored value of it must have.
"""

from __future__ import annotations

import typing
from typing import Any, Final, Literal, Protocol

from durable_async.convert.classes import is_class_with_fields, required_parts
from durable_async.convert.hints import Reference, is_union, origin_of, same_meaning
from durable_async.convert.refusals import Lift, Lower, RefusedError, Refusing
from durable_async.convert.shapes import alias_value, is_alias

__all__ = ["why_formless"]


_OF_NO_VALUE: Final = (typing.NoReturn, typing.Never)
"""What says that nothing is returned needs no form."""


class _Forms(Protocol):
    """The hooks of the types inside, and whether they are ours."""

    def lower(self, hint: Any, /) -> Lower: ...
    def lift(self, hint: Any, /) -> Lift: ...
    def is_own(self, hint: Any, /) -> bool: ...


_LOOKED_AT: Final = 100
"""Hints that are looked at, of one; a generic class may be made of ever larger ones of itself."""


def why_formless(hint: Any, forms: _Forms) -> str | None:
    """Why no value of this hint can be stored, and what to do; None if one can.

    Raises: SerializationError if a name in it cannot be resolved.
    """
    return _why(hint, forms, [])


def _why(hint: Any, forms: _Forms, seen: list[tuple[Any, str | None]]) -> str | None:
    """seen: hints that were looked at, and what was found; None while they are: what contains
    itself has a form if all the rest of it has."""
    if hint in _OF_NO_VALUE:
        return None
    lift = forms.lift(hint)
    if isinstance(lift, Refusing):
        return lift.advice
    if not forms.is_own(hint):
        return None
    for each, found in seen:  # not all of them can be hashed
        if each == hint:
            return found
    if len(seen) >= _LOOKED_AT:
        return None
    place = len(seen)
    seen.append((hint, None))
    found = _why_parts(hint, forms, seen)
    seen[place] = hint, found
    return found


def _why_parts(hint: Any, forms: _Forms, seen: list[tuple[Any, str | None]]) -> str | None:
    try:
        parts = _parts(hint, forms)
    except RefusedError as refused:
        return refused.advice
    found = [_why(part, forms, seen) for part in parts]
    if is_union(hint) and None in found:
        return None
    return next(filter(None, found), None)


def _parts(hint: Any, forms: _Forms) -> list[Any]:
    """What every value of it is made of, whatever it holds."""
    meaning = same_meaning(hint)
    if meaning is not hint:
        return [meaning]
    if isinstance(hint, Reference):
        return [hint.resolve()]
    if is_alias(hint):
        return [alias_value(hint)]
    if typing.get_origin(hint) is Literal:
        return []
    if is_class_with_fields(origin_of(hint)):
        return required_parts(hint, forms)
    return [each for each in typing.get_args(hint) if each is not Ellipsis]
