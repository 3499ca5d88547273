from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter


@dataclass(frozen=True, slots=True)
class Bid:
    campaign: str
    publisher: str
    micros: int
    won: bool


@dataclass(frozen=True, slots=True)
class Row:
    campaign: str
    bids: int
    wins: int
    micros: int

    @property
    def win_rate(self) -> float:
        return self.wins / self.bids if self.bids else 0.0


@dataclass(frozen=True)
class Period:
    first: date
    last: date

    def days(self) -> Iterator[date]:
        day = self.first
        while day <= self.last:
            yield day
            day += timedelta(days=1)

    def before(self) -> Period:
        length = self.last - self.first + timedelta(days=1)
        return Period(self.first - length, self.last - length)

    @classmethod
    def of_month(cls, text: str) -> Period:
        first = date.fromisoformat(f"{text}-01")
        after = (first + timedelta(days=32)).replace(day=1)
        return cls(first, after - timedelta(days=1))


def aggregate(bids: Iterable[Bid]) -> list[Row]:
    seen: Counter[str] = Counter()
    wins: Counter[str] = Counter()
    spent: dict[str, int] = defaultdict(int)
    for bid in bids:
        seen[bid.campaign] += 1
        if bid.won:
            wins[bid.campaign] += 1
            spent[bid.campaign] += bid.micros
    rows = [Row(c, n, wins[c], spent[c]) for c, n in seen.items()]
    rows.sort(key=attrgetter("micros"), reverse=True)
    return rows


def publishers(bids: Iterable[Bid]) -> set[str]:
    return {bid.publisher for bid in bids}


def total_spend(bids: set[Bid]) -> int:
    spent = 0
    for bid in bids:
        spent += bid.micros
    return spent
