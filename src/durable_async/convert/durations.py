"""Durations as users write them. Invariant: what comes out is a finite number of seconds."""

from __future__ import annotations

import math
from datetime import timedelta

__all__ = ["Duration", "optional_seconds", "seconds"]

Duration = timedelta | float
"""A timedelta, or seconds as asyncio takes them."""


def seconds(duration: Duration, *, what: str, negative: bool = False) -> float:
    """The duration in seconds.

    what: names the value in errors, e.g. "the timeout of charge". negative: whether it may be
    below zero.
    Raises: TypeError if it is neither a timedelta nor a number (a bool is no number here);
    ValueError if it is NaN or infinite, or below zero where that has no meaning.
    """
    if isinstance(duration, timedelta):
        number = duration.total_seconds()
    elif isinstance(duration, bool) or not isinstance(duration, int | float):
        raise TypeError(
            f"{what} must be a timedelta or a number of seconds, "
            f"not {duration!r} of type {type(duration).__name__}"
        )
    else:
        number = _as_float(duration, what)
    if not math.isfinite(number):
        raise ValueError(
            f"{what} is {number}; it must be a finite number of seconds. "
            "Leave it out if there is to be no limit."
        )
    if number < 0 and not negative:
        raise ValueError(f"{what} is {number:g} seconds; it must not be negative")
    return number


def optional_seconds(duration: Duration | None, what: str) -> float | None:
    """None stays None. Raises ValueError for what is no duration from zero up."""
    return None if duration is None else seconds(duration, what=what)


def _as_float(number: float, what: str) -> float:
    try:
        return float(number)
    except OverflowError:
        raise ValueError(f"{what} is too large to be a number of seconds") from None
