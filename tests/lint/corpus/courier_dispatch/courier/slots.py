"""Delivery slots and the promises made to customers."""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial


@dataclass
class Slot:
    begin: datetime
    minutes: int = 30

    @property
    def end(self) -> datetime:
        return self.begin + timedelta(minutes=self.minutes)


class SlotBook:
    time = 15
    random = random.Random("slots")

    def __init__(self, slots: Iterable[Slot]) -> None:
        self.slots = list(slots)

    def raster(self) -> int:
        return self.time * 2

    def pick(self) -> Slot:
        return self.random.choice(self.slots)

    def pick_any(self) -> Slot:
        return random.choice(self.slots)  # expect: DUR111

    def age(self, slot: Slot) -> float:
        return time.time() - slot.begin.timestamp()  # expect: DUR101

    def late(self, time: datetime) -> list[Slot]:
        return [slot for slot in self.slots if slot.end < time]

    def hours(self, times: list[datetime]) -> list[int]:
        hours = sorted({time.hour for time in times})
        hours.append(int(time.monotonic()) % 24)  # expect: DUR101
        return hours

    def walk(self, times: list[datetime]) -> int:
        total = 0
        for time in times:
            total += time.minute
        return total


def promise(slot: Slot) -> str:
    print = "{:%H:%M}".format
    return print(slot.begin) + "-" + print(slot.end)


def elapsed(since: float, clock: Callable[[], float] = time.time) -> float:
    return clock() - since


def stamp() -> str:
    now = partial(datetime.now, timezone.utc)()  # expect: DUR101
    return f"{now:%Y%m%d}"


def first_free(slots: list[Slot], now: datetime) -> Slot | None:
    if (later := [slot for slot in slots if slot.begin > now]) and (choice := later[0]):
        return choice
    return None


def by_luck(slots: list[Slot]) -> list[Slot]:
    return sorted(slots, key=lambda _: random.random())  # expect: DUR111


def describe(event: dict[str, object]) -> str:
    match event:
        case {"time": float() as time, "kind": str(kind)}:
            return f"{kind} at {datetime.fromtimestamp(time, timezone.utc)}"
        case {"random": [first, *_]}:
            return str(first)
        case {"kind": "heartbeat"}:
            return time_of_day()
    return ""


def time_of_day() -> str:
    return time.strftime("%H:%M")  # expect: DUR101
