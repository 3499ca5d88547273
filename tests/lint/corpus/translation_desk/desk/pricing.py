import functools
import time
from decimal import Decimal

RATES = {("en", "pt"): Decimal("0.11")}


def memoize(fn):
    cache = {}

    @functools.wraps(fn)
    def wrapper(*args):
        if args not in cache:
            cache[args] = fn(*args)  # expect: DUR141
        return cache[args]

    return wrapper


@memoize
def rate(source, target):
    return RATES.get((source, target), Decimal("0.15"))


@functools.cache  # expect: DUR141
def surcharge(weekday):
    return Decimal("0.5") if weekday > 4 else Decimal(0)


def quote(words, source, target, clock=None):
    moment = (clock or time.localtime)()  # expect: DUR101
    return words * rate(source, target) + surcharge(moment.tm_wday)


def describe(total, when):
    return f"{total:.2f} EUR on {time.strftime('%Y', when)}"
