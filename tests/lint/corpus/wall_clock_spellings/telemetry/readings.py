"""Every way in which the meters' code came to ask for the time."""

from __future__ import annotations

import datetime
import datetime as dt
import time as t
from dataclasses import dataclass, field
from functools import partial
from time import time as seconds

import arrow
import pendulum

from .compat import *


class Meter:
    scale = 1.0

    def __init__(self, name: str) -> None:
        self.name = name
        self.created = t.time()  # expect: DUR101

    def __call__(self) -> float:
        return self.scale * seconds()  # expect: DUR101

    def __int__(self) -> int:
        return monotonic_ns()  # expect: DUR101

    @staticmethod
    def raw() -> float:
        return time()  # expect: DUR101

    @classmethod
    def scaled(cls) -> float:
        return cls.scale * wall()  # expect: DUR101

    def __iter__(self):
        yield t.process_time()  # expect: DUR101
        yield self.created


@dataclass
class Reading:
    meter: str
    value: float = 0.0
    taken: datetime.datetime = field(default_factory=lambda: dt.datetime.now(dt.timezone.utc))  # expect: DUR101
    expires: float = field(default_factory=t.time)  # expect: DUR101


def spaced(count: int) -> list[float]:
    return [index + t.time() for index in range(count)]  # expect: DUR101


def label(name: str) -> str:
    return f"{name}@{datetime.date.today():%Y}"  # expect: DUR101


def text_forms() -> list[str]:
    first = t.ctime()  # expect: DUR101
    second = t.asctime()  # expect: DUR101
    third = t.strftime("%H:%M")  # expect: DUR101
    return [first, second, third]


def later(delay: float):
    def due() -> float:
        return t.time() + delay  # expect: DUR101

    return due


def third_party() -> list[str]:
    return [
        str(pendulum.now("UTC")),  # expect: DUR101
        str(arrow.utcnow()),  # expect: DUR101
    ]


def samples(count: int) -> list[float]:
    clock = partial(t.clock_gettime, t.CLOCK_REALTIME)  # expect: DUR101
    return [clock() for _ in range(count)]


def year() -> int:
    return t.gmtime().tm_year if EPOCH else t.localtime(0).tm_year  # expect: DUR101


def offline_report(meters: list[Meter]) -> list[float]:
    return [t.time() - meter.created for meter in meters]
