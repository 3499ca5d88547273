"""Classes with fields: attrs, dataclasses, named tuples, typed dicts, msgspec structs, pydantic.

Invariant: an instance crosses with every field or not at all, and comes back through its own
constructor. Nothing but the annotated class is built.

Fields are looked at when a value is first met, not when the hint is: a class may contain itself.
"""

from __future__ import annotations

import dataclasses
import sys
import typing
from collections.abc import Callable, Iterable
from typing import Any

import attrs
import msgspec

from durable_async.convert.hints import (
    arguments_of,
    describe,
    fields_of,
    origin_of,
    substituted,
)
from durable_async.convert.jsonform import to_json
from durable_async.convert.refusals import Forms, Lift, Lower, RefusedError, shown
from durable_async.convert.shapes import is_typed_dict

__all__ = [
    "advice_on_subclass",
    "class_hooks",
    "field_names",
    "is_class_with_fields",
    "required_parts",
]

Hooks = tuple[Lower, Lift]


@attrs.frozen
class _Field:
    """argument: its name in the constructor; None if it is set afterwards (`init=False`)."""

    name: str
    hint: Any
    lower: Lower
    lift: Lift
    argument: str | None
    required: bool


# ---- which classes -------------------------------------------------------------------------


def is_class_with_fields(cls: Any) -> bool:
    return isinstance(cls, type) and (
        attrs.has(cls)
        or dataclasses.is_dataclass(cls)
        or is_typed_dict(cls)
        or _is_named_tuple(cls)
        or issubclass(cls, msgspec.Struct)
        or _is_pydantic(cls)
    )


def _is_named_tuple(cls: type) -> bool:
    return issubclass(cls, tuple) and hasattr(cls, "_fields")


def _is_pydantic(cls: type) -> bool:
    # Nobody can have a model without having imported pydantic.
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and issubclass(cls, pydantic.BaseModel)


def field_names(cls: type) -> frozenset[str] | None:
    """The keys of the stored form, where it is an object with just these; else None."""
    if attrs.has(cls):
        return frozenset(field.name for field in attrs.fields(cls))
    if dataclasses.is_dataclass(cls):
        return frozenset(field.name for field in dataclasses.fields(cls))
    return None


def class_hooks(hint: Any, forms: Forms) -> Hooks:
    cls = origin_of(hint)
    if _is_pydantic(cls):
        return _pydantic_hooks(cls)
    if issubclass(cls, msgspec.Struct):
        return _struct_hooks(hint, cls)
    if is_typed_dict(cls):
        return _typed_dict_hooks(hint, forms)
    if _is_named_tuple(cls):
        return _named_tuple_hooks(hint, forms)
    return _fields_hooks(hint, forms)


def required_parts(hint: Any, forms: Forms) -> list[Any]:
    """The hints of the fields that are there whenever a value of this class is read. Of classes
    that libraries of their own store: none.

    Raises: RefusedError if no instance can be rebuilt from its fields.
    """
    cls = origin_of(hint)
    if _is_pydantic(cls) or issubclass(cls, msgspec.Struct):
        return []
    if _is_named_tuple(cls):
        hints, meanings = fields_of(cls), arguments_of(hint)
        needed = [name for name in cls._fields if name not in cls._field_defaults]
        return [substituted(hints.get(name, Any), meanings) for name in needed]
    fields: Iterable[_Field] = (
        _keys_of_typed_dict(hint, cls, forms).values()
        if is_typed_dict(cls)
        else _fields_of_class(hint, cls, forms)
    )
    return [field.hint for field in fields if field.required]


# ---- attrs and dataclasses -----------------------------------------------------------------


def _fields_hooks(hint: Any, forms: Forms) -> Hooks:
    cls: Any = origin_of(hint)
    words = describe(hint)
    known: tuple[_Field, ...] | None = None

    def fields() -> tuple[_Field, ...]:
        nonlocal known
        if known is None:
            known = _fields_of_class(hint, cls, forms)
        return known

    def lower(value: Any) -> dict[str, Any]:
        if type(value) is not cls:
            raise RefusedError(value, words, advice_on_subclass(value, cls))
        done: dict[str, Any] = {}
        for field in known or fields():
            try:
                done[field.name] = field.lower(getattr(value, field.name))
            except RefusedError as refused:
                refused.at(f".{field.name}")
                raise
        return done

    def lift(value: Any, _: Any) -> Any:
        if type(value) is not dict:
            raise RefusedError(value, words)
        return _built(cls, known or fields(), value, words)

    return lower, lift


def advice_on_subclass(value: object, cls: type) -> str:
    """What to do if the value is of a subclass of this class with fields; "" if it is not."""
    if not (is_class_with_fields(cls) and isinstance(value, cls)):
        return ""
    name = type(value).__name__
    return (
        f"It would come back as {cls.__name__}, without what {name} adds: "
        f"name both in the hint, e.g. {cls.__name__} | {name}."
    )


def _fields_of_class(hint: Any, cls: Any, forms: Forms) -> tuple[_Field, ...]:
    _refuse_init_vars(cls)
    hints = fields_of(cls)
    known = arguments_of(hint)
    definitions: Any = attrs.fields(cls) if attrs.has(cls) else dataclasses.fields(cls)
    found: list[_Field] = []
    for definition in definitions:
        meaning = substituted(hints.get(definition.name, definition.type or Any), known)
        alias = getattr(definition, "alias", None) or definition.name
        found.append(
            _Field(
                definition.name,
                meaning,
                forms.lower(meaning),
                forms.lift(meaning),
                alias if definition.init else None,
                definition.init and not _has_default(definition),
            )
        )
    return tuple(found)


def _refuse_init_vars(cls: Any) -> None:
    fields = {field.name for field in dataclasses.fields(cls)} if not attrs.has(cls) else set()
    for name, definition in getattr(cls, "__dataclass_fields__", {}).items():
        # Class variables are listed there too; what is left are those of the constructor alone.
        if name not in fields and "ClassVar" not in str(definition.type):
            raise RefusedError(
                cls,
                "a class that can be rebuilt from its fields",
                f"{cls.__name__} takes {name!r} as an InitVar, which is no field: "
                f"give the converter a hook for {cls.__name__}.",
            )


def _has_default(definition: Any) -> bool:
    if isinstance(definition, attrs.Attribute):
        return definition.default is not attrs.NOTHING
    return not (
        definition.default is dataclasses.MISSING
        and definition.default_factory is dataclasses.MISSING
    )


def _built(cls: Any, fields: tuple[_Field, ...], stored: dict[str, Any], words: str) -> Any:
    arguments: dict[str, Any] = {}
    afterwards: dict[str, Any] = {}
    met = 0
    for field in fields:
        if field.name not in stored:
            if field.required:
                raise RefusedError(stored, words, f"The field {field.name!r} is missing.")
            continue
        met += 1
        part = stored[field.name]
        try:
            value = field.lift(part, field.hint)
        except RefusedError as refused:
            refused.at(f".{field.name}")
            raise
        if field.argument is None:
            afterwards[field.name] = value
        else:
            arguments[field.argument] = value
    if met != len(stored):
        raise _surplus(stored, frozenset(field.name for field in fields), words)
    made = _constructed(lambda: cls(**arguments), stored, words)
    for name, value in afterwards.items():
        object.__setattr__(made, name, value)  # frozen classes too
    return made


def _constructed(make: Callable[[], Any], stored: Any, words: str) -> Any:
    try:
        return make()
    except Exception as error:
        raise RefusedError(stored, words, f"{type(error).__name__}: {error}.") from error


def _surplus(stored: dict[str, Any], known: frozenset[str], words: str) -> RefusedError:
    unknown = ", ".join(shown(name) for name in stored if name not in known)
    return RefusedError(
        stored,
        words,
        f"It has fields that {words} does not know: {unknown}. "
        "Keep a removed field, with a default, until nothing stored has it any more.",
    )


# ---- named tuples --------------------------------------------------------------------------


def _named_tuple_hooks(hint: Any, forms: Forms) -> Hooks:
    cls: Any = origin_of(hint)
    words = describe(hint)
    known: list[tuple[str, Any, Lower, Lift]] | None = None

    def parts() -> list[tuple[str, Any, Lower, Lift]]:
        nonlocal known
        if known is None:
            hints, meanings = fields_of(cls), arguments_of(hint)
            each = ((name, substituted(hints.get(name, Any), meanings)) for name in cls._fields)
            known = [(name, part, forms.lower(part), forms.lift(part)) for name, part in each]
        return known

    def lower_tuple(value: Any) -> list[Any]:
        if type(value) is not cls:
            raise RefusedError(value, words, advice_on_subclass(value, cls))
        done: list[Any] = []
        for (name, _, lower, _), part in zip(parts(), value, strict=True):
            try:
                done.append(lower(part))
            except RefusedError as refused:
                refused.at(f".{name}")
                raise
        return done

    def lift_tuple(value: Any, _: Any) -> Any:
        needed = len(cls._fields) - len(cls._field_defaults)
        if type(value) is not list or not needed <= len(value) <= len(cls._fields):
            raise RefusedError(value, words)
        done: list[Any] = []
        for (name, part_hint, _, lift), part in zip(parts(), value, strict=False):
            try:
                done.append(lift(part, part_hint))
            except RefusedError as refused:
                refused.at(f".{name}")
                raise
        return _constructed(lambda: cls(*done), value, words)

    return lower_tuple, lift_tuple


# ---- typed dicts ---------------------------------------------------------------------------


def _typed_dict_hooks(hint: Any, forms: Forms) -> Hooks:
    cls: Any = origin_of(hint)
    words = describe(hint)
    known: dict[str, _Field] | None = None

    def keys() -> dict[str, _Field]:
        nonlocal known
        if known is None:
            known = _keys_of_typed_dict(hint, cls, forms)
        return known

    def check(value: Any) -> None:
        if type(value) is not dict:
            raise RefusedError(value, words)
        missing = [key for key, one in keys().items() if one.required and key not in value]
        if missing:
            raise RefusedError(value, words, f"It lacks {', '.join(sorted(map(repr, missing)))}.")
        if not keys().keys() >= value.keys():
            raise _surplus(value, frozenset(keys()), words)

    def lower_dict(value: Any) -> dict[str, Any]:
        check(value)
        return _each_key(value, lambda key, part: keys()[key].lower(part), words)

    def lift_dict(value: Any, _: Any) -> dict[str, Any]:
        check(value)
        return _each_key(value, lambda key, part: keys()[key].lift(part, keys()[key].hint), words)

    return lower_dict, lift_dict


def _keys_of_typed_dict(hint: Any, cls: Any, forms: Forms) -> dict[str, _Field]:
    meanings = arguments_of(hint)
    found: dict[str, _Field] = {}
    for key, written in fields_of(cls).items():
        # `__required_keys__` cannot see through annotations that are text.
        match typing.get_origin(written):
            case typing.Required:
                required = True
            case typing.NotRequired:
                required = False
            case _:
                required = key in cls.__required_keys__
        part = substituted(written, meanings)
        found[key] = _Field(key, part, forms.lower(part), forms.lift(part), key, required)
    return found


def _each_key(
    value: dict[str, Any], convert: Callable[[str, Any], Any], words: str
) -> dict[str, Any]:
    done: dict[str, Any] = {}
    for key, part in value.items():
        try:
            done[key] = convert(key, part)
        except RefusedError as refused:
            refused.at(f"[{key!r}]")
            raise
    return done


# ---- other people's models -----------------------------------------------------------------


def _struct_hooks(hint: Any, cls: type) -> Hooks:
    words = describe(hint)

    def lower(value: Any) -> Any:
        if type(value) is not cls:
            raise RefusedError(value, words, advice_on_subclass(value, cls))
        return _constructed(lambda: msgspec.to_builtins(value), value, words)

    def lift(value: Any, _: Any) -> Any:
        return _constructed(lambda: msgspec.convert(value, hint), value, words)

    return lower, lift


def _pydantic_hooks(cls: Any) -> Hooks:
    """The model decides on the form of its fields; pydantic's own errors say what did not fit."""
    words = describe(cls)

    def lower(value: Any) -> Any:
        if type(value) is not cls:
            raise RefusedError(value, words, advice_on_subclass(value, cls))
        return _constructed(
            lambda: value.model_dump(mode="json", by_alias=True, round_trip=True, warnings="error"),
            value,
            words,
        )

    def lift(value: Any, _: Any) -> Any:
        return _constructed(lambda: cls.model_validate_json(to_json(value)), value, words)

    return lower, lift
