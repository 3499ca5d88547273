"""Times: typed and read in the local zone, or written in UTC."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_async.cli.times import (
    local_text,
    parse_seconds,
    parse_time,
    relative_text,
    utc_text,
)

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def india(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The local zone is five and a half hours ahead."""
    monkeypatch.setenv("TZ", "XST-5:30")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-01-31T18:00+01:00", datetime(2026, 1, 31, 17, tzinfo=UTC)),
        ("2026-01-31T18:00:30.5Z", datetime(2026, 1, 31, 18, 0, 30, 500_000, tzinfo=UTC)),
        (" 2026-01-31 18:00Z ", datetime(2026, 1, 31, 18, tzinfo=UTC)),
    ],
)
def test_a_time_with_a_zone_is_that_moment(text: str, meant: datetime) -> None:
    assert parse_time(text, now=NOON, direction=1) == meant


@pytest.mark.usefixtures("india")
def test_a_time_without_a_zone_is_in_the_local_one_as_times_are_shown() -> None:
    typed = parse_time("2026-01-31 18:00", now=NOON, direction=1)
    assert typed == datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
    assert local_text(typed) == "2026-01-31 18:00:00"
    assert parse_time("2026-01-31", now=NOON, direction=1) == datetime(
        2026, 1, 30, 18, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("0.5", 0.5), ("15m", 900), (" 1d12h ", 129_600), ("0s", 0)]
)
def test_a_number_without_a_unit_means_seconds(text: str, seconds: float) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize(
    ("text", "distance"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("1d12h", timedelta(hours=36)),
        ("1.5h", timedelta(minutes=90)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_a_duration_is_so_far_from_now_in_the_direction_asked_for(
    text: str, distance: timedelta
) -> None:
    assert parse_time(text, now=NOON, direction=1) == NOON + distance
    assert parse_time(text, now=NOON, direction=-1) == NOON - distance


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "5", "5 m", "m5", "2026-13-01", "99999999w", "h", "-5m", "1d 2h"]
)
def test_what_is_no_time_is_refused_with_what_to_type(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time\. Write 2026-01-31T18:00\+01:00.* 15m, 2h"):
        parse_time(text, now=NOON, direction=1)


def test_utc_texts_sort_as_the_times_do() -> None:
    times = [
        NOON,
        NOON + timedelta(microseconds=1),
        (NOON + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-11))),
    ]
    texts = [utc_text(time) for time in times]
    assert texts == sorted(texts)
    assert texts[0] == "2026-01-31T12:00:00.000000Z"


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_utc_text_reads_back_as_the_same_moment(moment: datetime) -> None:
    assert parse_time(utc_text(moment), now=NOON, direction=1) == moment


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_time_can_be_shown_the_ends_of_the_calendar_included(moment: datetime) -> None:
    assert local_text(moment)


@pytest.mark.parametrize(
    ("distance", "text"),
    [
        (timedelta(), "now"),
        (timedelta(milliseconds=999), "now"),
        (timedelta(seconds=59), "in 59s"),
        (timedelta(hours=2, minutes=5, seconds=9), "in 2h 5m"),
        (timedelta(hours=2, seconds=9), "in 2h"),
        (timedelta(days=-10, hours=-1), "1w 3d ago"),
        (timedelta(seconds=-61), "1m 1s ago"),
    ],
)
def test_a_distance_has_its_two_largest_units(distance: timedelta, text: str) -> None:
    assert relative_text(NOON + distance, now=NOON) == text
