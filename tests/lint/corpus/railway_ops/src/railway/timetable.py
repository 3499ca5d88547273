import calendar
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/Vienna")


class Slot(NamedTuple):
    line: str
    departs: time

    def on(self, day: date) -> datetime:
        return datetime.combine(day, self.departs, LOCAL)


class Timetable:
    def __init__(self, slots: list[Slot], *, today=date.today):
        self.slots = slots
        self._today = today

    def next(self, line: str) -> datetime:
        day = self._today()  # expect: DUR101
        return min(slot.on(day) for slot in self.slots if slot.line == line)

    def lines(self) -> frozenset[str]:
        return frozenset(slot.line for slot in self.slots)

    def __iter__(self):
        return iter(sorted(self.slots))

    @staticmethod
    def month_days(day: date) -> int:
        return calendar.monthrange(day.year, day.month)[1]


def in_minutes(moment: datetime) -> int:
    return int((moment - datetime.now(tz=LOCAL)) / timedelta(minutes=1))  # expect: DUR101
