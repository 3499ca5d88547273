"""Times as people type and read them. Invariant: people see their own zone, programs see UTC.

A time that is typed without a zone is meant in the zone in which times are shown: what one
command prints can be given to the next.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["local_text", "parse_seconds", "parse_time", "relative_text", "utc_text"]

SECONDS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}

_DURATION: Final = re.compile(r"(?:\d+(?:\.\d+)?[wdhms])+")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)([wdhms])")


def parse_time(text: str, *, now: datetime, direction: int) -> datetime:
    """The time that was typed: ISO 8601, or a duration such as "90m" from now.

    direction: 1 if a duration means so much later, -1 if it means so much earlier.
    Returns: aware. Raises: ValueError, saying what to type.
    """
    text = text.strip()
    try:
        if _DURATION.fullmatch(text):
            return now + direction * _duration(text)
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(
            f"{text!r} is no time. Write 2026-01-31T18:00+01:00, or 2026-01-31 18:00 in the local "
            f"zone, or how far {'ahead' if direction > 0 else 'back'}: 90s, 15m, 2h, 1d12h, 2w"
        ) from error


def parse_seconds(text: str) -> float:
    """A number of seconds, or a duration such as "90m". Raises: ValueError, OverflowError."""
    text = text.strip()
    return _duration(text).total_seconds() if _DURATION.fullmatch(text) else float(text)


def _duration(text: str) -> timedelta:
    return timedelta(
        seconds=sum(float(number) * SECONDS[unit] for number, unit in _PART.findall(text))
    )


def utc_text(time: datetime) -> str:
    """ISO 8601 in UTC, always with microseconds: such texts sort as the times do."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def local_text(time: datetime) -> str:
    """In the local zone, to the second. Beyond what the zone's rules reach: in UTC."""
    try:
        return time.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return time.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds") + "Z"


def relative_text(time: datetime, *, now: datetime) -> str:
    """How far from now, in its two largest units: "in 2h 5m", "3d 4h ago", "now"."""
    seconds = int(abs((time - now).total_seconds()))
    parts: list[str] = []
    for unit, size in SECONDS.items():
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
        elif parts:
            break  # "1w 3s" would claim to know more than it says
    if not parts:
        return "now"
    distance = " ".join(parts[:2])
    return f"in {distance}" if time > now else f"{distance} ago"
