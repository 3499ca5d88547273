"""Why a value was refused. Invariant: a refusal knows the value, what was expected, and where."""

from __future__ import annotations

import reprlib
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

__all__ = ["Forms", "Lift", "Lower", "RefusedError", "Refusing", "shown"]

Lower = Callable[[Any], Any]
"""Checks a value against a hint and takes it apart into what JSON has. Raises RefusedError."""

Lift = Callable[[Any, Any], Any]
"""(stored form, hint) -> value. Raises RefusedError."""


class Forms(Protocol):
    """Where a hook finds the hooks of the types inside its own."""

    def lower(self, hint: Any, /) -> Lower: ...
    def lift(self, hint: Any, /) -> Lift: ...


class RefusedError(Exception):
    """Internal: turned into a SerializationError where the value has a name.

    expected: in words, e.g. "int". advice: what to do, if there is something better to say than
    "pass a value of that type". path: from the value inwards, e.g. [".items", "[2]"].
    """

    def __init__(self, value: object, expected: str, advice: str = "") -> None:
        super().__init__(expected)
        self.value = value
        self.expected = expected
        self.advice = advice
        self.path: list[str] = []

    def at(self, step: str) -> None:
        """It stood at this step of what is around it."""
        self.path.insert(0, step)


class Refusing:
    """Both hooks of what has no stored form: it refuses whatever it is given."""

    __slots__ = ("_expected", "advice")

    def __init__(self, expected: str, advice: str) -> None:
        self._expected = expected
        self.advice = advice

    def __call__(self, value: Any, _: Any = None, /) -> NoReturn:
        raise RefusedError(value, self._expected, self.advice)


_short = reprlib.Repr()
_short.maxstring = _short.maxother = 120
_short.maxlong = 60


def shown(value: object) -> str:
    """A short repr, of one line, that never fails."""
    try:
        text = _short.repr(value)
    except Exception:
        return f"<{type(value).__name__}, whose repr fails>"
    return " ".join(text.split())
