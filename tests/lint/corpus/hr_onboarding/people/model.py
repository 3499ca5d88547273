"""Employees, positions and their equipment."""

import datetime
import enum
import os
import typing as t
from dataclasses import dataclass, field

__all__ = ["Equipment", "Hire", "Level", "Payslip"]


class Level(enum.IntEnum):
    JUNIOR = 1
    SENIOR = 2
    PRINCIPAL = 3

    def budget(self) -> int:
        return int(os.environ.get(f"BUDGET_{self.name}", 1000))  # expect: DUR124

    @classmethod
    def parse(cls, text: str) -> "Level":
        return cls[text.upper()]


class Address(t.TypedDict):
    street: str
    city: str
    country: str


class Payslip(t.NamedTuple):
    gross: int
    open: bool
    time: datetime.datetime

    def month(self) -> str:
        return f"{self.time:%Y-%m}"


@dataclass
class Equipment:
    items: list[str] = field(default_factory=list)
    owner: str = ""

    def __iadd__(self, item: str) -> "Equipment":
        self.items.append(item)
        return self

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> str:
        return self.items[index]

    def __str__(self) -> str:
        return f"{os.getlogin()}: {', '.join(self.items)}"  # expect: DUR125

    def __repr__(self) -> str:
        return f"<Equipment at {id(self):x}>"


@dataclass
class Hire:
    name: str
    email: str
    starts: datetime.date
    level: int = Level.JUNIOR
    address: Address | None = None
    teams: frozenset[str] = frozenset()

    def days_left(self, today: datetime.date) -> int:
        return (self.starts - today).days
