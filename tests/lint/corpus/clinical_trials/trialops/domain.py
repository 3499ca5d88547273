from __future__ import annotations

import time
from datetime import date, timedelta
from enum import Enum

import attrs
import bson


class Arm(Enum):
    ACTIVE = "active"
    PLACEBO = "placebo"


@attrs.frozen
class Site:
    code: str
    country: str


@attrs.define
class Subject:
    initials: str
    site: str
    born: int
    screened: float = attrs.field(factory=time.time)  # expect: DUR101
    key: str = attrs.field()

    @key.default
    def _key(self) -> str:
        return str(bson.ObjectId())  # expect: DUR112

    @property
    def age(self) -> int:
        return date.today().year - self.born  # expect: DUR101

    def age_on(self, today: date) -> int:
        return today.year - self.born

    def __attrs_post_init__(self) -> None:
        self.initials = self.initials.upper()


@attrs.define
class Visit:
    subject: str
    day: int
    window: int = 3

    def bounds(self, start: date) -> tuple[date, date]:
        middle = start + timedelta(days=self.day)
        return middle - timedelta(days=self.window), middle + timedelta(days=self.window)


@attrs.define
class Deviation:
    """Recorded by monitors in the web form."""

    text: str
    noticed: float = attrs.field(factory=time.time)
    key: str = attrs.field(factory=lambda: str(bson.ObjectId()))
