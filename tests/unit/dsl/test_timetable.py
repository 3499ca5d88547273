"""When a schedule is due: periods, cron expressions, zones, and the nights when clocks change."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_async.dsl.timetable import Timetable

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")

_moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


def cron(expression: str, timezone: str = "UTC", since: datetime = SINCE) -> Timetable:
    return Timetable.checked(cron=expression, every=None, timezone=timezone, since=since)


def every(seconds: float, since: datetime = SINCE) -> Timetable:
    return Timetable.checked(cron=None, every=seconds, timezone="UTC", since=since)


def times(table: Timetable, after: datetime, count: int) -> list[datetime]:
    return list(itertools.islice(table.after(after), count))


def test_the_first_period_ends_one_period_after_the_beginning() -> None:
    assert times(every(60), SINCE, 2) == [
        SINCE + timedelta(seconds=60),
        SINCE + timedelta(seconds=120),
    ]


def test_periods_are_counted_from_the_beginning_whenever_they_are_asked_for() -> None:
    asked = SINCE + timedelta(seconds=150)
    assert times(every(60), asked, 1) == [SINCE + timedelta(seconds=180)]
    assert every(60).last_until(asked) == SINCE + timedelta(seconds=120)


def test_periods_end_with_the_calendar() -> None:
    table = every(timedelta(days=365 * 3_000).total_seconds())
    assert [time.year for time in times(table, SINCE, 5)] == [5024, 8022]
    assert table.next_after(datetime(9000, 1, 1, tzinfo=UTC)) is None


def test_there_is_no_last_time_before_the_first() -> None:
    assert every(60).last_until(SINCE + timedelta(seconds=59)) is None
    assert cron("0 12 * * *").last_until(SINCE + timedelta(hours=11)) is None


def test_a_time_is_the_last_one_at_its_own_moment() -> None:
    noon = SINCE + timedelta(hours=12)
    assert cron("0 12 * * *").last_until(noon) == noon


def test_an_hour_that_comes_twice_is_due_once() -> None:
    # Clocks are set back at 3:00 on 25 October 2026.
    night = datetime(2026, 10, 24, 12, tzinfo=BERLIN)
    first, second = times(cron("30 2 * * *", "Europe/Berlin"), night, 2)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 2:30 in summer time
    assert second == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_an_hour_that_is_left_out_is_due_when_it_has_passed() -> None:
    # Clocks are set forward at 2:00 on 29 March 2026.
    night = datetime(2026, 3, 28, 12, tzinfo=BERLIN)
    (first,) = times(cron("30 2 * * *", "Europe/Berlin"), night, 1)
    assert first == datetime(2026, 3, 29, 3, 0, tzinfo=BERLIN)


def test_what_is_due_every_half_hour_is_due_in_both_of_the_repeated_hours() -> None:
    night = datetime(2026, 10, 25, 1, 45, tzinfo=BERLIN)
    found = times(cron("*/30 * * * *", "Europe/Berlin"), night, 5)
    assert [b - a for a, b in itertools.pairwise(found)] == [timedelta(minutes=30)] * 4


def test_a_day_that_never_comes_is_refused() -> None:
    with pytest.raises(ValueError, match="Bad day-of-month"):
        cron("0 0 30 2 *")


@given(_moments, st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]))
def test_the_last_time_until_the_next_time_is_the_next_time(moment: datetime, zone: str) -> None:
    for table in (cron("*/7 3 * * *", zone), every(1234.5)):
        due = table.next_after(moment)
        assert due is not None
        assert due > moment
        assert table.last_until(due) == due
        last = table.last_until(moment)
        assert last is None or (last <= moment and table.next_after(last) == due)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"cron": None, "every": None}, "neither is said"),
        ({"cron": "* * * * *", "every": 3.0}, "both are said"),
        ({"cron": None, "every": 0.0}, "1 second at least"),
        ({"cron": None, "every": 0.5}, "every is 0.5 seconds: it must be 1 second at least"),
        ({"cron": None, "every": float("nan")}, "1 second at least"),
        ({"cron": None, "every": timedelta.max.total_seconds()}, "after the year 9999"),
        ({"cron": "61 * * * *", "every": None}, "no cron expression"),
        ({"cron": "every day", "every": None}, "no cron expression"),
        ({"cron": "* * * * *", "every": None, "timezone": "Mars/Olympus"}, "no time zone"),
    ],
)
def test_what_is_no_timetable_is_refused_with_what_to_write(
    said: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Timetable.checked(**({"timezone": "UTC", "since": SINCE} | said))  # type: ignore[arg-type]
