"""Increments, as data and as functions."""

import bisect
import datetime
import operator
from functools import partial, reduce

STEPS = [(0, 500), (10_000, 1_000), (50_000, 2_500)]


def increment(cents):
    index = bisect.bisect_right(STEPS, cents, key=operator.itemgetter(0))
    return STEPS[index - 1][1]


def happy_hour(cents, *, clock=datetime.datetime.now):
    hour = clock().hour  # expect: DUR101
    return cents // 2 if 17 <= hour < 18 else cents


def at_least(minimum, cents):
    return max(minimum, cents)


def compose(*functions):
    return lambda value: reduce(lambda acc, fn: fn(acc), functions, value)


next_minimum = compose(increment, partial(at_least, 500))
evening_minimum = compose(increment, happy_hour)


def parse(event):
    match event:
        case {"kind": "bid", "bidder": str(bidder), "cents": int(cents)}:
            return ("bid", bidder, cents)
        case {"kind": "withdraw", "bidder": bidder}:
            return ("withdraw", bidder, 0)
        case ["close", *_] | {"kind": "close"}:
            return ("close", "", 0)
        case _:
            raise ValueError(f"unknown event {event!r}")
