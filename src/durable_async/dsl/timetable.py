"""When a schedule is due. Invariant: a timetable is a function of what it says and of the moment
that it is asked about, never of the clock; each moment comes once, also where local time comes
twice.

Cron expressions are read by cronsim, in the time of the schedule's zone: a fixed hour that a
change to summer time leaves out comes when that hour has passed, and one that the change back
repeats comes the first time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from durable_async.convert.durations import span
from durable_async.errors import DurableError

__all__ = ["Calendar", "Timetable"]

_MISSING: Final = (
    "a schedule with cron=... needs cronsim: install durable-async[schedules], or say every=... "
    "instead"
)

SHORTEST: Final = 1.0
"""Seconds of a period, as of cron: what is due more often wants no instance for each time."""


@attrs.frozen(kw_only=True)
class Calendar:
    """The local times whose every part is one of these numbers. weekdays: 0 is Sunday."""

    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]


_EVERY_DAY: Final = frozenset(range(1, 32))
_EVERY_WEEKDAY: Final = frozenset(range(7))


@attrs.frozen(kw_only=True)
class Timetable:
    """cron: an expression of five fields (six with seconds), in `timezone`, an IANA name; or every:
    seconds, counted from `since`. Exactly one of the two is set."""

    cron: str | None
    every: float | None
    timezone: str
    since: datetime

    @classmethod
    def checked(
        cls, *, cron: str | None, every: float | None, timezone: str, since: datetime
    ) -> Timetable:
        """Raises ValueError, saying what to write, for what is no timetable; DurableError if cron
        is used without what reads it."""
        if (cron is None) == (every is None):
            raise ValueError(
                'a schedule says either cron="0 3 * * *" or every=timedelta(hours=1), and here '
                f"{'neither is' if cron is None else 'both are'} said"
            )
        if every is not None and not every >= SHORTEST:
            raise ValueError(
                f"every is {every:g} seconds: it must be {SHORTEST:g} second at least, as each run "
                "is an instance of its own. For what happens more often, write a loop with "
                "asyncio.sleep in an orchestrator or an activity"
            )
        table = cls(cron=cron, every=every, timezone=timezone, since=since)
        zone = _zone(timezone)
        if every is not None and table.next_after(since) is None:
            raise ValueError(
                f"every is {every:g} seconds: the first time would be after the year 9999, and "
                "none would ever come. Start one instance now, or give a shorter period"
            )
        if cron is not None:
            _cron(cron, since.astimezone(zone))
        return table

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The moments (UTC) after this one, to the end of the calendar or of the expression."""
        if self.every is None:
            yield from self._cron_times(moment, reverse=False)
            return
        for number in itertools.count(_periods(self.since, moment, self.every) + 1):
            try:
                due = self.since + timedelta(seconds=self.every * number)
            except OverflowError:
                return
            yield due

    def next_after(self, moment: datetime) -> datetime | None:
        """None if there is none for a lifetime."""
        return next(self.after(moment), None)

    def last_until(self, moment: datetime) -> datetime | None:
        """The newest moment that is not later than this one; None if there was none yet."""
        if self.every is not None:
            count = _periods(self.since, moment, self.every)
            return self.since + timedelta(seconds=self.every * count) if count > 0 else None
        # cronsim looks for what is before, not at, the moment it is given.
        found = next(self._cron_times(moment + timedelta(seconds=1), reverse=True), None)
        return found if found is not None and found > self.since else None

    def calendars(self) -> tuple[Calendar, ...]:
        """For whoever keeps schedules without cron: it is due when one of these says so.

        Raises: ValueError if it cannot be said so: the last day of a month, the second Monday.
        """
        assert self.cron is not None, "periods are no calendars"
        parts = _cron(self.cron, self.since.astimezone(_zone(self.timezone)))
        days, weekdays = set(parts.days), set(parts.weekdays)
        if not all(isinstance(each, int) and each >= 0 for each in days | weekdays):
            raise ValueError(
                f"{self.cron!r} counts from the end of a month, or its weeks (L, W, #)"
            )
        calendar = Calendar(
            seconds=frozenset(parts.seconds),
            minutes=frozenset(parts.minutes),
            hours=frozenset(parts.hours),
            days=frozenset(days),
            months=frozenset(parts.months),
            weekdays=frozenset(each % 7 for each in weekdays),
        )
        if parts.day_and:
            return (calendar,)
        return (
            attrs.evolve(calendar, days=_EVERY_DAY),
            attrs.evolve(calendar, weekdays=_EVERY_WEEKDAY),
        )

    def _cron_times(self, moment: datetime, *, reverse: bool) -> Iterator[datetime]:
        assert self.cron is not None
        for time in _cron(self.cron, moment.astimezone(_zone(self.timezone)), reverse=reverse):
            yield time.astimezone(UTC)


def _periods(since: datetime, moment: datetime, every: float) -> int:
    """How many whole periods have passed; counted in microseconds, as floats would miss one."""
    return max(0, (moment - since) // span(every))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"there is no time zone {name!r} on this machine: use an IANA name such as "
            '"Europe/Berlin", and install tzdata where the system has none'
        ) from error


def _cron(expression: str, moment: datetime, *, reverse: bool = False) -> Any:
    """A CronSim, which is an iterator of times."""
    try:
        from cronsim import CronSim, CronSimError  # an extra
    except ImportError as error:
        raise DurableError(_MISSING) from error
    try:
        return CronSim(expression, moment, reverse=reverse)
    except CronSimError as error:
        raise ValueError(
            f"{expression!r} is no cron expression: {error}. It has five fields, minute, hour, day "
            'of the month, month and day of the week, as in "30 3 * * MON-FRI"'
        ) from error
