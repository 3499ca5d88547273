"""Python values as payloads, by type hint.

Invariant: what is stored under a hint comes back equal under that hint, or is refused before it
is stored. Decoding builds what the hint names and nothing else: no pickle, no class by name.

The stored form is JSON. A codec, if there is one, is applied here and nowhere else: after
encoding, before decoding.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from durable_async.convert.hints import describe
from durable_async.convert.hooks import Configure, TypeHooks
from durable_async.convert.jsonform import (
    NO_JSON,
    from_json,
    quick_from_json,
    quick_to_json,
    to_json,
)
from durable_async.convert.refusals import Lift, Lower, RefusedError, shown
from durable_async.errors import PayloadTooLargeError, SerializationError
from durable_async.model.payload import PAYLOAD_LIMIT, PAYLOAD_WARNING, RAW_LIMIT, Payload
from durable_async.ports import Codec

__all__ = ["JSON", "CodecError", "Converter", "ValueConverter", "read_json", "refusal", "too_deep"]

logger: Final = logging.getLogger("durable_async.convert")

JSON: Final = "json"


class CodecError(SerializationError):
    """The codec could not do its work: a key is missing, a store does not answer. The value may be
    all right, and be read by another process, or later."""


class Converter:
    """Turns values into payloads and back, by type hint. May be used by several threads.

    codec: payload <-> payload (encrypt, compress). configure: is given the cattrs converter
    behind it, to register hooks for your own types:
    `Converter(configure=lambda c: (c.register_unstructure_hook(Money, str),
    c.register_structure_hook(Money, lambda text, _: Money.parse(text))))`.

    Types that need no hook: None, bool, int of any size, finite float, str, bytes, bytearray,
    datetime, date, time, timedelta, ZoneInfo, UUID, Decimal, Fraction, paths, IP addresses, enums,
    Literal, NewType, list, tuple, set, frozenset, deque, dict, OrderedDict, Counter, TypedDict,
    NamedTuple, attrs classes, dataclasses, msgspec structs, pydantic models, subclasses of str,
    int and float, references to instances and entities, generics and unions of all these, and Any.
    Known elsewhere as: Temporal's data converter, Azure's data converter, Restate's serde.
    """

    def __init__(self, *, codec: Codec | None = None, configure: Configure | None = None) -> None:
        self._hooks = TypeHooks(configure)
        self._codec = codec
        self._report: Callable[[CodecError], None] = _ignore
        self._known: dict[tuple[Any, str], ValueConverter] = {}
        self._seals_later = False
        self.unsealed: Converter = self._unsealed()
        """The same for payloads that have not passed the codec yet: to be passed through `seal`
        before they are stored, or never to be stored at all."""

    def with_codec(self, codec: Codec | None) -> Converter:
        """The same hooks with another codec."""
        return self._like(codec, self._report)

    def reporting(self, report: Callable[[CodecError], None]) -> Converter:
        """The same, telling `report` as well of every payload that the codec could not encode or
        decode, or that no codec was there for, whatever becomes of the error."""
        first = self._report

        def both(error: CodecError) -> None:
            first(error)
            report(error)

        return self._like(self._codec, report if first is _ignore else both)

    def _like(self, codec: Codec | None, report: Callable[[CodecError], None]) -> Converter:
        other = Converter.__new__(Converter)
        other._hooks = self._hooks
        other._codec = codec
        other._report = report
        other._known = {}
        other._seals_later = False
        other.unsealed = other._unsealed()
        return other

    def _unsealed(self) -> Converter:
        if self._codec is None:
            return self
        other = Converter.__new__(Converter)
        other._hooks, other._codec, other._report = self._hooks, self._codec, self._report
        other._known = {}
        other._seals_later = True
        other.unsealed = other
        return other

    @property
    def codec(self) -> Codec | None:
        return self._codec

    @property
    def hooks(self) -> TypeHooks:
        return self._hooks

    # ---- values ----------------------------------------------------------------------------

    def encode(self, value: object, hint: Any = Any, *, what: str) -> Payload:
        """The payload of a value.

        hint: the type hint that it is checked against. what: names it in errors, e.g. "argument
        'cents' of charge".
        Raises: SerializationError if it does not fit; PayloadTooLargeError.
        """
        return self.value(hint, what=what).encode(value)

    def decode(self, payload: Payload, hint: Any = Any, *, what: str) -> Any:
        """The value of a payload. Under Any it consists of plain JSON types.

        Raises: SerializationError if the stored form does not fit the hint.
        """
        return self.value(hint, what=what).decode(payload)

    def value(self, hint: Any, *, what: str) -> ValueConverter:
        """A converter for this hint alone; keep it where values of one hint come often."""
        try:
            known = self._known.get((hint, what))
        except TypeError:  # an unhashable hint
            return ValueConverter(self, hint, what=what)
        if known is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            known = self._known[hint, what] = ValueConverter(self, hint, what=what)
        return known

    # ---- payloads --------------------------------------------------------------------------

    def seal(self, data: bytes, *, what: str) -> Payload:
        """The payload of JSON text: through the codec, and not too large."""
        payload = Payload(data)
        if self._seals_later:
            return payload
        if self._codec is not None:
            if len(data) > RAW_LIMIT:
                raise PayloadTooLargeError(
                    f"{what} takes {len(data):,} bytes, and the limit before the codec is "
                    f"{RAW_LIMIT:,}: keep it in a file or an object store, and pass its name."
                )
            try:
                payload = self._codec.encode(payload)
            except Exception as error:
                raise self._failed(
                    f"the codec {type(self._codec).__name__} could not encode {what}: "
                    f"{_told(error)}"
                ) from error
        size = len(payload.data)
        if size >= PAYLOAD_WARNING:
            _check_size(size, what)
        return payload

    def unseal(self, payload: Payload, *, what: str) -> bytes:
        """The JSON text of a payload. Raises: SerializationError if it cannot be decoded."""
        if self._codec is not None:
            try:
                payload = self._codec.decode(payload)
            except Exception as error:
                raise self._failed(
                    f"the codec {type(self._codec).__name__} could not decode {what}, which is "
                    f"encoded as {payload.encoding!r}: {_told(error)}. "
                    "Give this process the codec, and the keys, with which it was stored."
                ) from error
        if payload.encoding != JSON:
            given = "no codec" if self._codec is None else f"the codec {type(self._codec).__name__}"
            raise self._failed(
                f"cannot read {what}, encoded as {payload.encoding!r}: this process has {given}. "
                "Give the client the codec with which it was stored: Client(..., codec=...)."
            )
        return payload.data

    def _failed(self, message: str) -> CodecError:
        error = CodecError(message)
        self._report(error)
        return error


def _told(error: Exception) -> str:
    """What a codec raised: ours is said in words, and needs no class."""
    return str(error) if type(error) is SerializationError else f"{type(error).__name__}: {error}"


def _ignore(error: CodecError) -> None:
    """Who called is told by the exception."""


_KEPT: Final = 4096
"""How many hints a converter remembers; a program has far fewer."""


class ValueConverter:
    """Converts values of one hint."""

    __slots__ = (
        "_converter",
        "_direct",
        "_has_form",
        "_hint",
        "_lift",
        "_lower",
        "_plain",
        "_what",
    )

    def __init__(self, converter: Converter, hint: Any, *, what: str) -> None:
        hooks = converter.hooks
        self._converter = converter
        self._direct = converter.codec is None
        self._hint = hint
        self._what = what
        self._lower: Lower = hooks.lower(hint)
        self._lift: Lift = hooks.lift(hint)
        self._plain = hooks.plain(hint)
        self._has_form = bool(self._plain)  # else it is not known yet

    def check_form(self) -> None:
        """Whether any value could be stored at all: better to be known before one comes.

        Raises: SerializationError if none could, or if a name in the hint cannot be resolved.
        """
        if self._has_form:
            return
        why = self._converter.hooks.why_formless(self._hint)
        if why is not None:
            raise SerializationError(f"{self._what} is to be {describe(self._hint)}: {why}")
        self._has_form = True

    def encode(self, value: object) -> Payload:
        """Raises: SerializationError, PayloadTooLargeError."""
        kind = type(value)
        # A float may be NaN, and long text too large: these go the long way.
        if self._direct and kind in self._plain and kind is not float:
            try:
                data = quick_to_json(value)
            except (UnicodeEncodeError, OverflowError, ValueError):
                return self._encode(value)
            if len(data) < PAYLOAD_WARNING:
                return Payload(data)
        return self._encode(value)

    def _encode(self, value: object) -> Payload:
        try:
            data = to_json(self._lower(value))
        except RefusedError as refused:
            raise refusal(self._what, refused) from refused.__cause__
        except RecursionError:
            raise too_deep(self._what) from None
        return self._converter.seal(data, what=self._what)

    def decode(self, payload: Payload) -> Any:
        """Raises: SerializationError."""
        if self._direct and payload.encoding == JSON:
            data = payload.data
        else:
            data = self._converter.unseal(payload, what=self._what)
        try:
            value = quick_from_json(data)
        except NO_JSON:
            value = read_json(data, self._what)
        except RecursionError:
            raise too_deep(self._what) from None
        if type(value) in self._plain:
            return value
        try:
            return self._lift(value, self._hint)
        except RefusedError as refused:
            raise refusal(self._what, refused, stored=True) from refused.__cause__
        except RecursionError:
            raise too_deep(self._what) from None


# ---- errors --------------------------------------------------------------------------------


def refusal(what: str, refused: RefusedError, *, stored: bool = False) -> SerializationError:
    """The error for a value that was refused. stored: while decoding."""
    place = what + (f", at {''.join(refused.path)}," if refused.path else "")
    value = f"{shown(refused.value)} ({type(refused.value).__name__})"
    if stored:
        advice = refused.advice or (
            "It was stored under another hint, or sent by somebody who knows another: send what "
            "fits, change the hint back, or let a union take both."
        )
        return SerializationError(
            f"the stored form of {place} is {value}, which does not fit {refused.expected}. "
            f"{advice}"
        )
    advice = refused.advice or "Pass a value of that type, or change the hint."
    return SerializationError(f"{place} is {value}; expected {refused.expected}. {advice}")


def too_deep(what: str) -> SerializationError:
    return SerializationError(
        f"{what} is nested too deeply, or contains itself. Pass a flat form of it, e.g. a list of "
        "nodes that name their parents."
    )


def read_json(data: bytes, what: str) -> Any:
    """What this JSON text holds. Raises: SerializationError if it is none."""
    try:
        return from_json(data)
    except RecursionError:
        raise too_deep(what) from None
    except ValueError as error:
        raise SerializationError(
            f"the stored form of {what} is no JSON: {error}. The store is damaged, or the value "
            "was encoded by other code."
        ) from error


def _check_size(size: int, what: str) -> None:
    if size > PAYLOAD_LIMIT:
        raise PayloadTooLargeError(
            f"{what} takes {size:,} bytes as stored, and the limit is {PAYLOAD_LIMIT:,}. Every "
            "replay reads it again: keep it in a file or an object store, and pass its name."
        )
    logger.warning(
        "%s takes %s bytes as stored (the limit is %s). Every replay reads it again: "
        "consider to keep it elsewhere and to pass its name.",
        what,
        f"{size:,}",
        f"{PAYLOAD_LIMIT:,}",
    )
