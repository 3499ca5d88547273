"""The arguments of a call as one payload. Invariant: calls that mean the same are the same bytes.

`f(1, b=2)` and `f(1, 2)` both become `[1, 2]`. Defaults that were not given stay out, so that a
parameter with a default can be added later. Only where a list cannot tell (keyword-only
parameters, `**kwargs`, a default left out before a value) it is
`{"args": [...], "kwargs": {...}}`.

Type hints are looked at when the first value comes, not before: they may name what is defined
further down.
"""

from __future__ import annotations

import inspect
import itertools
import types
import typing
import zlib
from collections.abc import Callable, Iterable, Mapping
from inspect import Parameter
from typing import Any, Final

import attrs

from durable_async.convert.binding import POSITIONAL, Arguments, Binder, Keywords
from durable_async.convert.hints import fields_of, function_hints
from durable_async.convert.jsonform import NO_JSON, quick_from_json, quick_to_json, to_json
from durable_async.convert.refusals import Lift, Lower, RefusedError
from durable_async.convert.shapes import is_typed_dict
from durable_async.convert.values import (
    JSON,
    Converter,
    ValueConverter,
    logger,
    read_json,
    refusal,
    too_deep,
)
from durable_async.errors import SerializationError
from durable_async.model.payload import PAYLOAD_WARNING, Payload

__all__ = ["ArgumentsConverter", "ResultConverter"]

_ARGS: Final = "args"
_KWARGS: Final = "kwargs"
_REMEMBERED: Final = 256
"""How many combinations of argument types a function remembers as plain."""


# ---- the plan of one function ----------------------------------------------------------------


@attrs.frozen
class _Slot:
    """One parameter. plain: exact types of arguments that are stored as they are. bare: no hint is
    written, which is not the same as Any: nobody has thought of what comes back."""

    name: str
    hint: Any
    lower: Lower
    lift: Lift
    plain: frozenset[type]
    bare: bool = False


@attrs.frozen
class _Plan:
    """named: what can be given by keyword. rest, more: of *args and **kwargs."""

    positions: tuple[_Slot, ...]
    rest: _Slot | None
    named: Mapping[str, _Slot]
    more: _Slot | None

    def at(self, index: int) -> _Slot | None:
        return self.positions[index] if index < len(self.positions) else self.rest

    def of(self, name: str) -> _Slot | None:
        return self.named.get(name, self.more)


def _plan(signature: inspect.Signature, hints: Mapping[str, Any], converter: Converter) -> _Plan:
    hooks = converter.hooks

    def slot(name: str, hint: Any, *, bare: bool = False) -> _Slot:
        return _Slot(name, hint, hooks.lower(hint), hooks.lift(hint), hooks.plain(hint), bare)

    positions: list[_Slot] = []
    named: dict[str, _Slot] = {}
    rest: _Slot | None = None
    more: _Slot | None = None
    for parameter in signature.parameters.values():
        hint = hints.get(parameter.name, Any)
        bare = parameter.name not in hints
        match parameter.kind:
            case Parameter.VAR_POSITIONAL:
                fixed, others = _rest_hints(hint)
                positions += [slot(f"*{parameter.name}", part) for part in fixed]
                rest = slot(f"*{parameter.name}", others, bare=bare)
            case Parameter.VAR_KEYWORD if is_typed_dict(_unpacked(hint)):
                keys = fields_of(_unpacked(hint))
                named.update({key: slot(key, part) for key, part in keys.items()})
            case Parameter.VAR_KEYWORD:
                more = slot(f"**{parameter.name}", hint, bare=bare)
            case kind:
                one = slot(parameter.name, hint, bare=bare)
                if kind in POSITIONAL:
                    positions.append(one)
                if kind is not Parameter.POSITIONAL_ONLY:
                    named[parameter.name] = one
    return _Plan(tuple(positions), rest, named, more)


# ---- the converter -------------------------------------------------------------------------


class ArgumentsConverter:
    """Binds, stores and restores the arguments of one function. `bind` is its binder's.

    name: of the function, in errors. skip_first: leave out `self`. local: names of the scope that
    the function was defined in, for its hints.
    Raises: TypeError if the function has no signature that can be read.
    """

    __slots__ = (
        "_binder",
        "_converter",
        "_direct",
        "_function",
        "_known",
        "_local",
        "_plain",
        "_told",
        "bind",
        "name",
    )

    def __init__(
        self,
        converter: Converter,
        function: Callable[..., Any],
        *,
        name: str,
        skip_first: bool = False,
        local: Mapping[str, Any] | None = None,
    ) -> None:
        self._converter = converter
        self._direct = converter.codec is None
        self._function = function
        self._local = local
        self.name = name
        self._binder = Binder(function, name=name, skip_first=skip_first)
        self.bind = self._binder.bind
        self._known: _Plan | None = None
        self._plain: dict[tuple[type, ...], bool] = {}  # and whether a float is among them
        self._told: set[str] = set()  # parameters without a hint that were warned about

    @classmethod
    def untyped(cls, converter: Converter, *, name: str) -> ArgumentsConverter:
        """For a function known by name only: any arguments, stored as plain JSON types."""
        return cls(converter, _anything, name=name)

    # ---- writing ---------------------------------------------------------------------------

    def encode(self, args: Arguments, kwargs: Keywords) -> tuple[Payload, int]:
        """The payload, and a fingerprint of the arguments (a CRC-32 before any codec).

        Raises: TypeError if the arguments do not fit the parameters; SerializationError if one
        does not fit its hint; PayloadTooLargeError.
        """
        if self._direct and not kwargs:
            has_float = self._plain.get((*map(type, args),))
            if has_float is not None:
                try:
                    data = quick_to_json(args)
                except (UnicodeEncodeError, OverflowError, ValueError):
                    return self._encode(args, kwargs)
                # NaN and infinity are written as null: they are refused on the long way.
                if len(data) < PAYLOAD_WARNING and not (has_float and b"null" in data):
                    return Payload(data), zlib.crc32(data)
        return self._encode(args, kwargs)

    def _encode(self, args: Arguments, kwargs: Keywords) -> tuple[Payload, int]:
        args, kwargs = self.bind(args, kwargs)
        plan = self._known or self._resolve()
        lowered = [self._lowered(plan.at(index), "", value) for index, value in enumerate(args)]
        keywords = {key: self._lowered(plan.of(key), key, value) for key, value in kwargs.items()}
        data = self._written(lowered, keywords)
        if not kwargs:
            self._remember(plan, args)
        what = f"the arguments of {self.name}"
        if len(data) >= PAYLOAD_WARNING:
            what = self._largest(plan, lowered, keywords)
        return self._converter.seal(data, what=what), zlib.crc32(data)

    def _lowered(self, slot: _Slot | None, key: str, value: object) -> Any:
        if slot is None:  # of **kwargs: Unpack[...], which Python does not check
            raise SerializationError(
                f"{self.name} has no parameter {key!r}: the typed dict of its **kwargs lacks it"
            )
        try:
            lowered = slot.lower(value)
        except RefusedError as refused:
            raise refusal(self._what(slot.name), refused) from refused.__cause__
        except RecursionError:
            raise too_deep(self._what(slot.name)) from None
        if slot.bare and slot.name not in self._told and (changed := _changed(value)) is not None:
            self._told.add(slot.name)
            _tell(self._what(slot.name), self._function, changed, f"{slot.name}: ")
        return lowered

    def _written(self, lowered: list[Any], keywords: Keywords) -> bytes:
        try:
            return to_json({_ARGS: lowered, _KWARGS: keywords} if keywords else lowered)
        except RefusedError as refused:
            raise refusal(f"an argument of {self.name}", refused) from refused.__cause__
        except RecursionError:
            raise too_deep(f"an argument of {self.name}") from None

    def _remember(self, plan: _Plan, args: Arguments) -> None:
        """If these arguments are stored as they are, others of the same types are too."""
        for index, value in enumerate(args):
            slot = plan.at(index)
            if slot is None or type(value) not in slot.plain:
                return
        if len(self._plain) < _REMEMBERED:
            kinds = tuple(map(type, args))
            self._plain[kinds] = float in kinds

    def _largest(self, plan: _Plan, lowered: list[Any], keywords: Keywords) -> str:
        slots = [plan.at(index) for index in range(len(lowered))]
        slots += [plan.of(key) for key in keywords]
        sizes = [len(to_json(value)) for value in (*lowered, *keywords.values())]
        size, slot = max(zip(sizes, slots, strict=True), key=lambda pair: pair[0])
        name = slot.name if slot is not None else ""
        if len(sizes) == 1:
            return self._what(name)
        return f"the arguments of {self.name} (the largest is {name!r} with {size:,} bytes)"

    def _what(self, name: str) -> str:
        return f"argument {name!r} of {self.name}"

    # ---- reading ---------------------------------------------------------------------------

    def decode(self, payload: Payload) -> tuple[Arguments, Keywords]:
        """What to call the function with.

        Raises: SerializationError if the stored arguments do not fit its parameters or hints.
        """
        if self._direct and payload.encoding == JSON:
            data = payload.data
        else:
            data = self._converter.unseal(payload, what=f"the arguments of {self.name}")
        try:
            stored = quick_from_json(data)
        except (*NO_JSON, RecursionError):
            stored = read_json(data, f"the arguments of {self.name}")
        if type(stored) is list and (*map(type, stored),) in self._plain:
            return tuple(stored), {}
        return self._decode(stored)

    def _decode(self, stored: Any) -> tuple[Arguments, Keywords]:
        plan = self._known or self._resolve()
        parts, keywords = self._split(stored)
        args = tuple([self._lifted(plan.at(index), part) for index, part in enumerate(parts)])
        kwargs = {key: self._lifted(plan.of(key), part) for key, part in keywords.items()}
        try:
            self.bind(args, kwargs)
        except TypeError as error:
            raise self._misfit(str(error)) from None
        if not kwargs:
            self._remember(plan, args)
        return args, kwargs

    def _split(self, stored: Any) -> tuple[list[Any], Keywords]:
        match stored:
            case list():
                return stored, {}
            case {"args": list(args), "kwargs": dict(kwargs), **surplus} if not surplus:
                return args, kwargs
            case _:
                raise self._misfit(f"they are no list of arguments but {type(stored).__name__}")

    def _lifted(self, slot: _Slot | None, part: Any) -> Any:
        if slot is None:
            raise self._misfit(f"{self.name}{self._binder.signature} has no place for {part!r}")
        try:
            return slot.lift(part, slot.hint)
        except RefusedError as refused:
            raise refusal(self._what(slot.name), refused, stored=True) from refused.__cause__
        except RecursionError:
            raise too_deep(self._what(slot.name)) from None

    def _misfit(self, why: str) -> SerializationError:
        return SerializationError(
            f"the stored arguments of {self.name} do not fit its parameters: {why}. Parameters "
            "of stored calls may be added with a default, but not removed, moved or made required "
            "while such calls are live."
        )

    # ---- hints -----------------------------------------------------------------------------

    def _resolve(self) -> _Plan:
        hints = function_hints(self._function, name=self.name, local=self._local)
        self._known = _plan(self._binder.signature, hints, self._converter)
        return self._known


class ResultConverter:
    """Stores and restores the results of one function, by its return annotation."""

    __slots__ = ("_bare", "_converter", "_function", "_known", "_local", "name")

    def __init__(
        self,
        converter: Converter,
        function: Callable[..., Any],
        *,
        name: str,
        local: Mapping[str, Any] | None = None,
    ) -> None:
        self._converter = converter
        self._function = function
        self._local = local
        self._known: ValueConverter | None = None
        self._bare = False  # no hint is written, and nobody was warned yet
        self.name = name

    def check_form(self) -> None:
        """Raises: SerializationError if no result could be stored under the annotation."""
        (self._known or self._resolve()).check_form()

    def encode(self, value: object) -> Payload:
        """Raises: SerializationError naming the function; PayloadTooLargeError."""
        payload = (self._known or self._resolve()).encode(value)
        if self._bare and (changed := _changed(value)) is not None:
            self._bare = False
            _tell(f"the result of {self.name}", self._function, changed, "-> ")
        return payload

    def decode(self, payload: Payload) -> Any:
        """Raises: SerializationError if what is stored does not fit the annotation."""
        return (self._known or self._resolve()).decode(payload)

    def _resolve(self) -> ValueConverter:
        hints = function_hints(self._function, name=self.name, local=self._local)
        hint = hints.get("return", Any)
        self._bare = "return" not in hints
        self._known = ValueConverter(self._converter, hint, what=f"the result of {self.name}")
        return self._known


# ---- values without a hint -------------------------------------------------------------------

_AS_THEY_ARE: Final = frozenset({str, int, float, bool, types.NoneType})
_LOOKED_AT: Final = 8
"""Parts of a list or dict that are looked at: what they hold is mostly of one type."""


def _changed(value: object) -> type | None:
    """The type of the value, or of one inside it, that does not come back as what it was when it
    is stored without a hint; None if all of it does."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return None
    parts: Iterable[object]
    if isinstance(value, list) and kind is list:
        parts = value
    elif isinstance(value, dict) and kind is dict:
        parts = value.values()
    else:
        return kind
    found = (_changed(part) for part in itertools.islice(parts, _LOOKED_AT))
    return next((each for each in found if each is not None), None)


def _tell(what: str, function: Callable[..., Any], kind: type, written: str) -> None:
    code: Any = getattr(inspect.unwrap(function), "__code__", None)
    place = "" if code is None else f" ({code.co_filename}:{code.co_firstlineno})"
    logger.warning(
        "%s%s has no type hint, and a value of type %s was given: it comes back as plain JSON "
        "types (a dict, a list, a str ...). Write the hint, e.g. `%s%s`, or `%sAny` if plain types "
        "are what you want",
        what,
        place,
        kind.__qualname__,
        written,
        kind.__name__,
        written,
    )


# ---- hints -----------------------------------------------------------------------------------


def _anything(*args: Any, **kwargs: Any) -> Any:
    """The parameters of a function that is known by name only."""


def _rest_hints(hint: Any) -> tuple[list[Any], Any]:
    """Of `*args: hint`: those of the first ones, for `*args: *tuple[int, str]`; of all others."""
    inner = _unpacked(hint)
    if inner is hint and not getattr(hint, "__unpacked__", False):
        return [], hint
    parts = list(typing.get_args(inner))
    if len(parts) == 2 and parts[1] is Ellipsis:
        return [], parts[0]
    return (parts, Any) if typing.get_origin(inner) is tuple else ([], Any)


def _unpacked(hint: Any) -> Any:
    """What stands in Unpack[...]; else the hint."""
    return typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Unpack else hint
