"""Values without parts: how each is checked, written as JSON, and read back.

Invariant: a type is exact. bool is no int, an int that a float holds exactly fits a float, and a
subclass is refused where its base is asked for, since it would come back as the base.
"""

from __future__ import annotations

import base64
import binascii
import decimal
import enum
import fractions
import ipaddress
import math
import pathlib
import uuid
import zoneinfo
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import attrs
import msgspec

from durable_async.convert.refusals import Lift, Lower, RefusedError

__all__ = [
    "BUILTINS",
    "LEAVES",
    "Leaf",
    "enum_leaf",
    "subclass_leaf",
]


@attrs.frozen
class Leaf:
    """kinds: what the stored form can be, by the exact type that JSON gives it."""

    lower: Lower
    lift: Lift
    kinds: frozenset[type]


# ---- what JSON has -------------------------------------------------------------------------


def lower_none(value: Any) -> None:
    if value is not None:
        raise RefusedError(value, "None")


def lift_none(value: Any, _: Any) -> None:
    if value is not None:
        raise RefusedError(value, "None")


def lower_bool(value: Any) -> bool:
    if type(value) is not bool:
        raise RefusedError(value, "bool")
    return value


def lift_bool(value: Any, _: Any) -> bool:
    return lower_bool(value)


def lower_int(value: Any) -> int:
    if type(value) is not int:
        raise RefusedError(value, "int")
    return value


def lift_int(value: Any, _: Any) -> int:
    return lower_int(value)


def lower_str(value: Any) -> str:
    if type(value) is not str:
        raise RefusedError(value, "str")
    return value


def lift_str(value: Any, _: Any) -> str:
    return lower_str(value)


def lower_float(value: Any) -> float:
    if type(value) is float:
        if math.isfinite(value):
            return value
        raise RefusedError(
            value, "a finite float", "JSON has no NaN, no infinity: use None for them."
        )
    if type(value) is int:
        return _as_float(value)
    raise RefusedError(value, "float")


def lift_float(value: Any, _: Any) -> float:
    return lower_float(value)


def _as_float(value: int) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise RefusedError(value, "float", "The int is too large for a float.") from None
    if number != value:
        raise RefusedError(
            value, "float", "No float has exactly this value: pass float(...), or annotate int."
        )
    return number


# ---- what JSON has only as text ------------------------------------------------------------


def _text_leaf(kind: type, write: Callable[[Any], str], read: Callable[[str], Any]) -> Leaf:
    name = kind.__name__

    def lower(value: Any) -> str:
        if type(value) is not kind:
            raise RefusedError(value, name)
        return write(value)

    def lift(value: Any, _: Any) -> Any:
        if type(value) is not str:
            raise RefusedError(value, f"{name} (as text)")
        try:
            return read(value)
        except (ValueError, ArithmeticError, TypeError) as error:
            raise RefusedError(value, f"{name} (as text)", f"{error}.") from error

    return Leaf(lower, lift, frozenset({str}))


def _write_datetime(value: datetime) -> str:
    if value.fold and value.tzinfo is None:
        raise RefusedError(
            value,
            "datetime",
            "With fold=1 and no time zone it has no stored form: add the zone.",
        )
    return value.isoformat()


def _write_time(value: time) -> str:
    if value.fold or (value.tzinfo is not None and value.utcoffset() is None):
        raise RefusedError(
            value, "time", "Only a naive time, or one at a fixed offset, has a stored form."
        )
    return value.isoformat()


def _write_timedelta(value: timedelta) -> str:
    return str(msgspec.to_builtins(value))


def _read_timedelta(text: str) -> timedelta:
    return msgspec.convert(text, timedelta)


def _write_decimal(value: decimal.Decimal) -> str:
    if not value.is_finite():
        raise RefusedError(value, "a finite Decimal", "Use None for NaN and infinity.")
    return str(value)


def _read_decimal(text: str) -> decimal.Decimal:
    number = decimal.Decimal(text)
    if not number.is_finite():
        raise ValueError("it is not finite")
    return number


def _write_bytes(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _read_bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(f"it is not base64: {error}") from error


def _read_bytearray(text: str) -> bytearray:
    return bytearray(_read_bytes(text))


def _write_zone(value: zoneinfo.ZoneInfo) -> str:
    if value.key is None:
        raise RefusedError(value, "ZoneInfo", "It was read from a file and has no key.")
    return value.key


def _read_zone(text: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(text)
    except zoneinfo.ZoneInfoNotFoundError as error:
        raise ValueError(f"this machine knows no such time zone: {error}") from error


_PATH: Final = type(pathlib.Path())

_TEXTS: Final[tuple[tuple[type, Callable[[Any], str], Callable[[str], Any]], ...]] = (
    (datetime, _write_datetime, datetime.fromisoformat),
    (date, date.isoformat, date.fromisoformat),
    (time, _write_time, time.fromisoformat),
    (timedelta, _write_timedelta, _read_timedelta),
    (uuid.UUID, str, uuid.UUID),
    (decimal.Decimal, _write_decimal, _read_decimal),
    (fractions.Fraction, str, fractions.Fraction),
    (bytes, _write_bytes, _read_bytes),
    (bytearray, _write_bytes, _read_bytearray),
    (zoneinfo.ZoneInfo, _write_zone, _read_zone),
    (_PATH, str, _PATH),
    (pathlib.PurePosixPath, str, pathlib.PurePosixPath),
    (pathlib.PureWindowsPath, str, pathlib.PureWindowsPath),
    (ipaddress.IPv4Address, str, ipaddress.IPv4Address),
    (ipaddress.IPv6Address, str, ipaddress.IPv6Address),
    (ipaddress.IPv4Network, str, ipaddress.IPv4Network),
    (ipaddress.IPv6Network, str, ipaddress.IPv6Network),
    (ipaddress.IPv4Interface, str, ipaddress.IPv4Interface),
    (ipaddress.IPv6Interface, str, ipaddress.IPv6Interface),
)

_NONE: Final = Leaf(lower_none, lift_none, frozenset({type(None)}))

BUILTINS: Final[dict[type, Leaf]] = {
    type(None): _NONE,
    bool: Leaf(lower_bool, lift_bool, frozenset({bool})),
    int: Leaf(lower_int, lift_int, frozenset({int})),
    float: Leaf(lower_float, lift_float, frozenset({float, int})),
    str: Leaf(lower_str, lift_str, frozenset({str})),
}
"""What JSON has itself: the stored form is the value."""

_LEAVES_AS_TEXT: Final = {kind: _text_leaf(kind, write, read) for kind, write, read in _TEXTS}

LEAVES: Final[dict[type, Leaf]] = {
    **BUILTINS,
    **_LEAVES_AS_TEXT,
    # `Path` and `PurePath` are asked for by their abstract names.
    pathlib.Path: _LEAVES_AS_TEXT[_PATH],
    pathlib.PurePath: _LEAVES_AS_TEXT[type(pathlib.PurePath())],
}

# ---- subclasses of builtins, and enums -----------------------------------------------------

_PLAIN_VALUE: Final[dict[type, Callable[[Any], Any]]] = {
    # The value itself, whatever the subclass makes of `__str__` or `__int__`.
    str: lambda value: str.__getitem__(value, slice(None)),
    int: int.__int__,
    float: float.__float__,
}


def subclass_leaf(cls: type, base: type) -> Leaf:
    """For `class OrderId(str)` and the like: stored as the base, rebuilt by calling the class."""
    inner = BUILTINS[base]
    plain = _PLAIN_VALUE[base]
    name = cls.__name__

    def lower(value: Any) -> Any:
        if type(value) is not cls:
            raise RefusedError(value, name)
        if getattr(value, "__dict__", None):
            raise RefusedError(value, name, "Its attributes would be lost.")
        return inner.lower(plain(value))

    def lift(value: Any, hint: Any) -> Any:
        made = cls(inner.lift(value, hint))
        if type(made) is not cls:
            raise RefusedError(value, name)
        return made

    return Leaf(lower, lift, inner.kinds)


def enum_leaf(cls: type[enum.Enum]) -> Leaf:
    """Stored by value if every value is a str or an int, else by name."""
    members = list(cls.__members__.values())
    by_value = all(type(member.value) in (str, int) for member in members)
    if by_value:
        stored = {member.value: member for member in members}
    else:
        stored = {member.name: member for member in members}
    flag = issubclass(cls, enum.Flag)
    name = cls.__name__

    def lower(value: Any) -> Any:
        if not isinstance(value, cls):
            raise RefusedError(value, name, f"Pass a member of {name}, not its value.")
        return value.value if by_value or flag else value.name

    def lift(value: Any, _: Any) -> Any:
        if type(value) in (str, int):
            member = stored.get(value)
            if member is not None:
                return member
            if flag and type(value) is int:
                return cls(value)
        raise RefusedError(value, name, f"It is none of {', '.join(map(repr, stored))}.")

    kinds: frozenset[type] = frozenset({type(key) for key in stored}) | ({int} if flag else set())
    return Leaf(lower, lift, kinds)
