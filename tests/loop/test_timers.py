"""When a timer is due. Invariant: never before the code asked, and never noticeably after."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_async.core.clock import due_at


@given(st.floats(min_value=0, max_value=4e9))
def test_a_timer_is_due_within_a_microsecond_after_the_time_that_was_asked(seconds: float) -> None:
    late = due_at(seconds).timestamp() - seconds
    assert 0 <= late < 2e-6


def test_a_timer_beyond_the_calendar_is_due_at_its_end() -> None:
    assert due_at(1e15).year == 9999


@pytest.mark.parametrize("seconds", [math.nan, math.inf])
def test_a_timer_that_could_never_fire_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="give a finite number"):
        due_at(seconds)
