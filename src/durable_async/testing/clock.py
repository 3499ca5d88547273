"""The clock of a test. Invariant: time stands still until it is moved, and never goes back."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["VirtualClock"]


class VirtualClock:
    """start: aware; the computer's time if None."""

    def __init__(self, start: datetime | None = None) -> None:
        if start is None:
            start = datetime.now(UTC)
        elif start.tzinfo is None:
            raise ValueError(
                f"start_time is {start.isoformat()}, which names no time zone. Write "
                "datetime(..., tzinfo=UTC), or use the zone that is meant"
            )
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        """A moment that has passed already moves nothing."""
        self._now = max(self._now, moment)
