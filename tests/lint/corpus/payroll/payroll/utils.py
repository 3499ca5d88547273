# Utilities used all over payroll. Please keep sorted by topic.
import calendar
import datetime
import functools
import hashlib
import json
import logging
import os
import pickle
import random
import re
import string
import tempfile
import threading
import time

logger = logging.getLogger("payroll")

COUNTRY = os.environ.get("PAYROLL_COUNTRY", "DE")
START_TIME = time.time()
HOLIDAYS = {datetime.date(2025, 1, 1), datetime.date(2025, 5, 1), datetime.date(2025, 12, 25)}


# ---- dates ----------------------------------------------------------------


def today():
    return datetime.date.today()  # expect: DUR101


def month_bounds(year, month):
    last = calendar.monthrange(year, month)[1]
    return datetime.date(year, month, 1), datetime.date(year, month, last)


def working_days(year, month):
    first, last = month_bounds(year, month)
    day, count = first, 0
    while day <= last:
        if day.weekday() < 5 and day not in HOLIDAYS:
            count += 1
        day += datetime.timedelta(days=1)
    return count


def pay_day(year, month):
    _, day = month_bounds(year, month)
    while day.weekday() >= 5 or day in HOLIDAYS:
        day -= datetime.timedelta(days=1)
    return day


def holiday_names():
    return ", ".join(d.isoformat() for d in sorted(HOLIDAYS))


def timestamp(fmt="%Y-%m-%d %H:%M:%S", at=None):
    if at is None:
        return time.strftime(fmt)  # expect: DUR101
    return time.strftime(fmt, time.gmtime(at))


def uptime():
    return time.time() - START_TIME


# ---- decorators -----------------------------------------------------------


def timed(fn):
    @functools.wraps(fn)
    def inner(*args, **kwargs):
        t0 = time.time()  # expect: DUR101
        out = fn(*args, **kwargs)
        logger.info("%s: %.2fs", fn.__name__, time.time() - t0)  # expect: DUR101
        return out

    return inner


def memo(fn):
    store = {}

    @functools.wraps(fn)
    def inner(*args):
        if args not in store:
            store[args] = fn(*args)
        return store[args]

    return inner


def synchronized(fn):
    lock = threading.RLock()

    @functools.wraps(fn)
    def inner(*args, **kwargs):
        with lock:
            return fn(*args, **kwargs)

    return inner


# ---- text and numbers -----------------------------------------------------


def cents(text):
    """'1.234,56' -> 123456"""
    digits = re.sub(r"[^\d,-]", "", text)
    whole, _, frac = digits.partition(",")
    return int(whole or 0) * 100 + int((frac + "00")[:2])


def euros(n):
    return f"{n // 100:,}.{n % 100:02d}".replace(",", " ")


def slug(text):
    return re.sub(r"\W+", "-", text.lower()).strip("-")


def random_password(length=12):
    return "".join(random.choice(string.ascii_letters) for _ in range(length))  # expect: DUR111


def fingerprint(data):
    return hashlib.sha1(json.dumps(data, sort_keys=True).encode()).hexdigest()


def deep_copy(data):
    return pickle.loads(pickle.dumps(data))  # expect: DUR142


def chunks(items, size):
    for i in range(0, len(items), size):
        yield items[i : i + size]


def unique(items):
    return list(set(items))  # expect: DUR134


def unique_in_order(items):
    seen = set()
    return [x for x in items if not (x in seen or seen.add(x))]


# ---- files ----------------------------------------------------------------


def dump(data, name):
    path = os.path.join(tempfile.gettempdir(), slug(name) + ".json")  # expect: DUR122
    with open(path, "w") as f:  # expect: DUR122
        json.dump(data, f, indent=2)
    return path


def load(path):
    with open(path) as f:
        return json.load(f)
