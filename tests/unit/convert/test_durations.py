"""Durations are finite numbers of seconds, however they are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from durable_async.convert.durations import later, seconds, span


@pytest.mark.parametrize(
    ("duration", "number"),
    [
        (timedelta(days=1, microseconds=1), 86_400.000001),
        (timedelta(0), 0.0),
        (5, 5.0),
        (0, 0.0),
        (2.5, 2.5),
    ],
)
def test_a_duration_is_a_timedelta_or_a_number(duration: Any, number: float) -> None:
    found = seconds(duration, what="the delay")
    assert found == number
    assert type(found) is float


@pytest.mark.parametrize("duration", [float("nan"), float("inf"), float("-inf"), 10**400])
def test_only_finite_durations_exist(duration: Any) -> None:
    with pytest.raises(ValueError, match="the delay is"):
        seconds(duration, what="the delay", negative=True)


@pytest.mark.parametrize("duration", [-1, -0.5, timedelta(seconds=-1)])
def test_a_negative_duration_is_refused_unless_it_may_be(duration: Any) -> None:
    with pytest.raises(ValueError, match=r"the delay is .* must not be negative"):
        seconds(duration, what="the delay")
    assert seconds(duration, what="the delay", negative=True) < 0


@pytest.mark.parametrize("duration", ["5", None, True, Decimal(5), 5j])
def test_other_types_are_refused_with_their_name(duration: Any) -> None:
    with pytest.raises(TypeError, match=f"the delay must be.*{type(duration).__name__}"):
        seconds(duration, what="the delay")


def test_what_is_longer_than_the_calendar_ends_with_it() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    longest = timedelta.max.total_seconds()  # rounded up: no timedelta is so long
    assert later(now, 1.5) == now + timedelta(seconds=1.5)
    assert later(now, longest) == later(now, 1e300) == datetime.max.replace(tzinfo=UTC)
    assert span(2) == timedelta(seconds=2)
    assert span(longest) == span(1e300) > timedelta(days=365 * 9_000)
