"""Durations as users write them. Invariant: what comes out is a finite number of seconds."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["Duration", "later", "optional_seconds", "seconds", "span"]

Duration = timedelta | float
"""A timedelta, or seconds as asyncio takes them."""

_LAST: Final = datetime.max.replace(tzinfo=UTC)

_LONGEST: Final = 300_000_000_000.0
"""Some 9,500 years: who writes timedelta.max means for ever, and no moment can be later."""


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
            "Write timedelta.max if there is to be no limit"
        )
    if number < 0 and not negative:
        raise ValueError(f"{what} is {number:g} seconds; it must not be negative")
    return number


def optional_seconds(duration: Duration | None, what: str) -> float | None:
    """None stays None. Raises ValueError for what is no duration from zero up."""
    return None if duration is None else seconds(duration, what=what)


def span(number: float) -> timedelta:
    """So many seconds; of what is longer than any calendar, the longest that fits everywhere."""
    return timedelta(seconds=min(number, _LONGEST))


def later(moment: datetime, number: float) -> datetime:
    """The moment (UTC) so many seconds later; beyond the year 9999, its last moment."""
    try:
        return moment + span(number)
    except OverflowError:
        return _LAST


def _as_float(number: float, what: str) -> float:
    try:
        return float(number)
    except OverflowError:
        raise ValueError(f"{what} is too large to be a number of seconds") from None
