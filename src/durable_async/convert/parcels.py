"""Values without a hint, in a form that says what they are: what exceptions carry with them.

Invariant: what was packed comes back equal and of the same type, or stands as its repr and is
listed as lost. Unpacking runs no code of the classes that the data names.

Unlike payloads of arguments and results, this form is the library's own. A list is a JSON array;
everything that JSON lacks is an object of one key: `{"datetime": "2026-01-31T12:00:00"}`.
"""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
import msgspec

from durable_async.convert.leaves import BUILTINS, LEAVES
from durable_async.convert.naming import (
    dict_of,
    find_class,
    has_own_new,
    is_found,
    name_of,
    slots_of,
)
from durable_async.convert.refusals import RefusedError, shown
from durable_async.model.failure import Failure

__all__ = ["TEXT_LIMIT", "Packer", "Unpacker", "set_plainly"]

TEXT_LIMIT: Final = 64 * 1024
"""Characters, or bytes, of one text. A longer one stands as its beginning."""

_DEPTH: Final = 32
_TEXTS: Final = {cls.__name__: cls for cls in LEAVES if cls not in BUILTINS}
_GROUPS: Final[dict[str, type]] = {"tuple": tuple, "set": set, "frozenset": frozenset}

# ---- packing -------------------------------------------------------------------------------


class Packer:
    """failure_of: turns an exception inside a value into a Failure; None if it must not, since
    the exception contains itself. lost: what stands as its repr."""

    def __init__(self, failure_of: Callable[[BaseException], Failure | None]) -> None:
        self._failure_of = failure_of
        self.lost: list[str] = []

    def pack(self, value: Any, where: str, depth: int = 0) -> Any:
        """where: names the value among the lost, e.g. "attribute 'connection'"."""
        kind = type(value)
        if value is None or kind is bool or kind is int:
            return value
        if kind is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if kind is str:
            return self._text(value, where)
        if depth > _DEPTH:
            return self._lose(value, where)
        if kind is list:
            return self._parts(value, where, depth)
        return self._tagged(kind, value, where, depth) or self._lose(value, where)

    def _tagged(self, kind: type, value: Any, where: str, depth: int) -> Any:
        """An object of one key; None if there is none for this value."""
        if _GROUPS.get(kind.__name__) is kind:
            return {kind.__name__: self._parts(value, where, depth)}
        if kind is dict:
            return {"dict": [self._parts(pair, where, depth) for pair in value.items()]}
        if kind is datetime and isinstance(value.tzinfo, ZoneInfo) and value.tzinfo.key:
            local = value.replace(tzinfo=None, fold=0)
            return {"zoned": [local.isoformat(), value.tzinfo.key, value.fold]}
        if kind in LEAVES:
            return self._leaf(kind, value)
        if isinstance(value, enum.Enum):
            return self._enum(kind, value)
        if isinstance(value, type):
            return {"class": name_of(value)} if is_found(value) else None
        if isinstance(value, BaseException):
            failure = self._failure_of(value)
            return None if failure is None else {"exception": msgspec.to_builtins(failure)}
        return self._instance(kind, value, where, depth)

    def _parts(self, parts: Iterable[Any], where: str, depth: int) -> list[Any]:
        return [self.pack(part, where, depth + 1) for part in parts]

    def _text(self, value: str, where: str) -> Any:
        if len(value) > TEXT_LIMIT:
            self.lost.append(f"{where} (cut to {TEXT_LIMIT:,} of its {len(value):,} characters)")
            value = value[:TEXT_LIMIT]
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return {"points": [ord(character) for character in value]}
        return value

    def _leaf(self, kind: type, value: Any) -> Any:
        if kind in (bytes, bytearray) and len(value) > TEXT_LIMIT:
            return None
        try:
            return {kind.__name__: LEAVES[kind].lower(value)}
        except RefusedError:
            return None

    def _enum(self, kind: type, value: enum.Enum) -> Any:
        known = vars(kind).get("_member_map_", {}).get(value.name) is value
        return {"enum": [name_of(kind), value.name]} if known and is_found(kind) else None

    def _instance(self, kind: type, value: Any, where: str, depth: int) -> Any:
        """Of an attrs class, a dataclass or a named tuple that is nothing but its fields."""
        names = _field_names(kind)
        if names is None or not is_found(kind) or has_own_new(kind):
            return None
        if isinstance(value, tuple):
            return {"named": [name_of(kind), self._parts(value, where, depth)]}
        state = _state_of(value)
        if state.keys() != set(names):
            return None
        return {"fields": [name_of(kind), [[k, self.pack(v, where)] for k, v in state.items()]]}

    def _lose(self, value: Any, where: str) -> Any:
        text = shown(value).encode("utf-8", "backslashreplace").decode("utf-8")
        self.lost.append(f"{where} ({text})")
        return {"repr": text}


def _field_names(kind: type) -> tuple[str, ...] | None:
    if attrs.has(kind):
        return tuple(field.name for field in attrs.fields(kind))
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    if kind.__base__ is tuple and hasattr(kind, "_fields"):
        return tuple(kind._fields)
    return None


def _state_of(value: object) -> dict[str, Any]:
    """What stands in the instance's own dict and slots."""
    state: dict[str, Any] = {}
    for name, slot in slots_of(type(value)).items():
        try:
            state[name] = slot.__get__(value, type(value))
        except AttributeError:
            continue  # an empty slot
    return {**state, **dict_of(value)}


# ---- unpacking -----------------------------------------------------------------------------


class Unpacker:
    """exception_of: rebuilds an exception that is part of a value. Every method raises ValueError,
    TypeError or LookupError for a form that cannot be unpacked in this process."""

    def __init__(self, exception_of: Callable[[Failure], BaseException]) -> None:
        self._exception_of = exception_of

    def unpack(self, form: Any) -> Any:
        if isinstance(form, list):
            return [self.unpack(part) for part in form]
        if not isinstance(form, dict):
            return form
        ((tag, body),) = form.items()
        return self._untagged(tag, body)

    def _untagged(self, tag: str, body: Any) -> Any:
        if tag in _GROUPS:
            return _GROUPS[tag](self.unpack(body))
        if tag in _TEXTS:
            return _read_text(tag, body)
        match tag:
            case "dict":
                return dict([self.unpack(pair) for pair in body])
            case "exception":
                return self._exception_of(msgspec.convert(body, Failure))
            case "named":
                return tuple.__new__(_class(body[0]), self.unpack(body[1]))
            case "fields":
                return self._instance(_class(body[0]), body[1])
            case _:
                return _SIMPLE[tag](body)

    def _instance(self, cls: type, fields: list[Any]) -> Any:
        if has_own_new(cls):
            raise ValueError(f"{cls.__name__} has a __new__ of its own")
        made: object = object.__new__(cls)
        for name, form in fields:
            set_plainly(made, name, self.unpack(form))
        return made


def _read_text(tag: str, body: Any) -> Any:
    try:
        return LEAVES[_TEXTS[tag]].lift(body, None)
    except RefusedError as error:
        raise ValueError(f"{body!r} is no {tag}") from error


def _read_zoned(body: Any) -> datetime:
    local, key, fold = body
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(key), fold=fold)


def _read_enum(body: Any) -> Any:
    cls, member = body
    return vars(_class(cls))["_member_map_"][member]


def _class(name: str) -> type:
    cls = find_class(name)
    if cls is None:
        raise LookupError(f"{name} is not imported")
    return cls


_SIMPLE: Final[dict[str, Callable[[Any], Any]]] = {
    "repr": str,
    "points": lambda body: "".join(map(chr, body)),
    "float": float,
    "zoned": _read_zoned,
    "class": _class,
    "enum": _read_enum,
}
"""How what has no parts is read, by its tag."""


def set_plainly(made: object, name: str, value: object) -> None:
    """Set an attribute in the instance's own slot or dict: no `__setattr__`, no property."""
    slot = slots_of(type(made)).get(name)
    if slot is not None:
        slot.__set__(made, value)
    else:
        dict_of(made)[name] = value
