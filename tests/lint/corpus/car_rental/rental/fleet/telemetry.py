import shelve
import subprocess
import threading
from subprocess import PIPE, Popen

from expiringdict import ExpiringDict

_last = {}
_lock = threading.Lock()


def last(car):
    if car in _last:  # expect: DUR141
        return _last[car]  # expect: DUR141
    reading = _read(car)
    _last.setdefault(car, reading)  # expect: DUR141
    return reading


def _read(car):
    with Popen(["obd", "--car", car], stdout=PIPE, text=True) as tool:  # expect: DUR123
        code = subprocess.call(["obd", "--flush"])  # expect: DUR123
        return {"km": code, "tool": tool.args}


def plausible(reading):
    return 0 <= reading["km"] < 1_000_000


def remembered(car, cache=ExpiringDict(100, 60)):
    with _lock, shelve.open("telemetry") as book:
        return cache.get(car) or book.get(car)
