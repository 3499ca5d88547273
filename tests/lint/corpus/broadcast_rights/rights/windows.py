"""Windows and territories. Everything is computed from its arguments."""

from __future__ import annotations

import bisect
import calendar
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from enum import StrEnum, auto


class Territory(StrEnum):
    DE = auto()
    AT = auto()
    CH = auto()

    @property
    def language(self) -> str:
        return "de"


@dataclass(frozen=True, order=True)
class Window:
    start: datetime
    end: datetime
    holder: str = field(compare=False)
    territories: frozenset[str] = field(default=frozenset(), compare=False)

    def __contains__(self, time: datetime) -> bool:
        return self.start <= time < self.end

    def __and__(self, other: Window) -> Window | None:
        start, end = max(self.start, other.start), min(self.end, other.end)
        return replace(self, start=start, end=end) if start < end else None

    def __len__(self) -> int:
        return (self.end - self.start).days

    @classmethod
    def month(cls, year: int, month: int, holder: str) -> Window:
        last = calendar.monthrange(year, month)[1]
        start = datetime(year, month, 1, tzinfo=timezone.utc)
        return cls(start, start + timedelta(days=last), holder)

    @classmethod
    def from_epoch(cls, open: float, close: float, holder: str) -> Window:
        return cls(datetime.fromtimestamp(open, timezone.utc), datetime.fromtimestamp(close, timezone.utc), holder)


class Schedule:
    """Windows of one title in order of their start."""

    def __init__(self, windows: Iterable[Window] = ()) -> None:
        self._windows = sorted(windows)

    def add(self, window: Window) -> None:
        bisect.insort(self._windows, window)

    def __iter__(self) -> Iterator[Window]:
        return iter(self._windows)

    def conflicts(self) -> list[tuple[Window, Window]]:
        return [(a, b) for a, b in itertools.pairwise(self._windows) if a & b]

    def holders(self) -> list[str]:
        return sorted({window.holder for window in self._windows})

    def free(self, time: datetime) -> bool:
        return not any(time in window for window in self._windows)

    def territories(self) -> set[str]:
        return set().union(*(window.territories for window in self._windows))
