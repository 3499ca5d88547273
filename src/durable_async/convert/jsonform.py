"""JSON text of what consists of JSON's own types.

Invariant: what was written reads back equal, ints of any size included.
"""

from __future__ import annotations

import decimal
import json
import math
from typing import Any, Final, NoReturn

import msgspec

from durable_async.convert.refusals import RefusedError

__all__ = ["NO_JSON", "from_json", "quick_from_json", "quick_to_json", "to_json"]

quick_to_json: Final = msgspec.json.Encoder().encode
"""Writes NaN and infinity as null. Raises UnicodeEncodeError for lone surrogates, and, for ints
of unusual size, OverflowError or ValueError."""

quick_from_json: Final = msgspec.json.Decoder().decode


NO_JSON: Final = (msgspec.DecodeError, ValueError)
"""What `quick_from_json` raises of text that is no JSON, or has a very long int in it."""


def to_json(lowered: Any) -> bytes:
    """The text of a lowered value, in which floats are finite. Raises: RefusedError."""
    try:
        return quick_to_json(lowered)
    except UnicodeEncodeError as error:
        raise RefusedError(
            error.object,
            "valid Unicode",
            "It holds a lone surrogate, as undecodable file names do: pass such text as bytes.",
        ) from error
    except (OverflowError, ValueError):
        # Beyond 64 bits for some releases of msgspec, beyond 4,300 digits for all.
        return quick_to_json(_with_long_ints(lowered))


def from_json(data: bytes) -> Any:
    """Raises: ValueError if it is no JSON."""
    try:
        return quick_from_json(data)
    except NO_JSON:
        # Slower, but without a limit on the digits of an int; or else a message that says where.
        return json.loads(data, parse_int=_long_int, parse_float=_finite, parse_constant=_refuse)


def _with_long_ints(value: Any) -> Any:
    match value:
        case bool():
            return value
        case int() if value.bit_length() > 63:
            # By way of Decimal, which writes any number of digits.
            return msgspec.Raw(str(decimal.Decimal(value)).encode("ascii"))
        case list() | tuple():
            return [_with_long_ints(part) for part in value]
        case dict():
            return {key: _with_long_ints(part) for key, part in value.items()}
        case _:
            return value


def _long_int(digits: str) -> int:
    return int(decimal.Decimal(digits))


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is no finite number")
