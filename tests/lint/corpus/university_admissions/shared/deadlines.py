"""Terms and deadlines. Winter starts in October, summer in April."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone


@dataclass(frozen=True)
class Term:
    year: int
    winter: bool

    @classmethod
    def parse(cls, text: str) -> "Term":
        """WS2025 or SS2026"""
        return cls(int(text[2:]), text.startswith("WS"))

    @classmethod
    def current(cls) -> "Term":
        today = date.today()  # expect: DUR101
        return cls(today.year, today.month >= 7)

    def __str__(self) -> str:
        return f"{'WS' if self.winter else 'SS'}{self.year}"

    @property
    def deadline(self) -> datetime:
        day = date(self.year, 7, 15) if self.winter else date(self.year, 1, 15)
        return datetime.combine(day, time(23, 59), tzinfo=timezone.utc)

    def next(self) -> "Term":
        return Term(self.year + 1, False) if self.winter else Term(self.year, True)


def days_left(term: Term, at: datetime) -> int:
    return max(0, (term.deadline - at).days)


def reminder_times(term: Term, at: datetime, before=(14, 7, 1)) -> list[datetime]:
    times = (term.deadline - timedelta(days=days) for days in before)
    return [t for t in times if t > at]


def overdue(term: Term, now=None) -> bool:
    now = now or datetime.now(timezone.utc)  # expect: DUR101
    return now > term.deadline
