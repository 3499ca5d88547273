"""Grandfather, father, son: which snapshots stay."""

from __future__ import annotations

import datetime
from collections import OrderedDict
from dataclasses import dataclass, field
from heapq import nlargest
from uuid import uuid4 as new_id


@dataclass(frozen=True)
class Snapshot:
    key: str
    taken: datetime.datetime
    size: int

    def age(self, at: datetime.datetime) -> datetime.timedelta:
        return at - self.taken

    @property
    def week(self) -> tuple[int, int]:
        calendar = self.taken.isocalendar()
        return calendar.year, calendar.week


@dataclass
class Plan:
    keep: list[Snapshot] = field(default_factory=list)
    drop: list[Snapshot] = field(default_factory=list)
    made: float = field(default_factory=lambda: datetime.datetime.now().timestamp())  # expect: DUR101
    id: str = ""

    def __post_init__(self):
        self.id = self.id or new_id().hex  # expect: DUR112

    def __len__(self):
        return len(self.drop)


@dataclass
class Hold:
    """A legal hold; set by hand in the console."""

    prefix: str
    since: datetime.date = field(default_factory=datetime.date.today)


class Policy:
    def __init__(self, daily: int, weekly: int, monthly: int) -> None:
        self.daily = daily
        self.weekly = weekly
        self.monthly = monthly

    def cutoff(self, at: datetime.datetime = datetime.datetime(2000, 1, 1)) -> datetime.datetime:
        return at - datetime.timedelta(days=self.daily)

    def plan(self, snapshots: list[Snapshot]) -> Plan:
        newest = nlargest(self.daily, snapshots, key=lambda snapshot: snapshot.taken)
        weekly: OrderedDict[tuple[int, int], Snapshot] = OrderedDict()
        for snapshot in sorted(snapshots, key=lambda s: s.taken, reverse=True):
            weekly.setdefault(snapshot.week, snapshot)
        # Monthly copies are taken by the storage itself.
        kept = {s.key for s in newest} | {s.key for s in list(weekly.values())[: self.weekly]}
        result = Plan()
        for snapshot in snapshots:
            (result.keep if snapshot.key in kept else result.drop).append(snapshot)
        return result


class PaperPolicy(Policy):
    """What the auditors ask for: nothing from this year is dropped."""

    def plan(self, snapshots: list[Snapshot]) -> Plan:
        result = super().plan(snapshots)
        year = datetime.date.today().year  # expect: DUR101
        result.drop = [s for s in result.drop if s.taken.year < year]
        return result


def parse_policy(text: str) -> Policy:
    daily, weekly, monthly = (int(part) for part in text.removesuffix("!").split("/"))
    return PaperPolicy(daily, weekly, monthly) if text.endswith("!") else Policy(daily, weekly, monthly)


def expired_holds(holds: list[Hold]) -> list[Hold]:
    return [hold for hold in holds if (datetime.date.today() - hold.since).days > 365]
