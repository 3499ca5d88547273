"""The nightly batch. Runs ``dun`` for everything that is due, a bit at a time."""

from __future__ import annotations

import asyncio
import builtins
import collections
import subprocess
import threading
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import durable_async as da
from dunning.flow import dun

T = TypeVar("T")


class time:  # noqa: N801
    """Booking times of the ledger, in minutes. Older than the standard library's use here."""

    @staticmethod
    def time(hours: int, minutes: int = 0) -> int:
        return hours * 60 + minutes

    @staticmethod
    def sleep(minutes: int) -> str:
        return f"no bookings for {minutes} minutes"


class Ledger(collections.UserDict[str, int]):
    lock = threading.RLock()

    def __missing__(self, key: str) -> int:
        return 0

    def book(self, key: str, cents: int) -> None:
        self[key] = self[key] + cents

    def exported(self) -> bytes:
        with self.lock:
            return subprocess.run(["ledger-export"], input=repr(self.data).encode(), capture_output=True).stdout


def windowed(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    window: collections.deque[T] = collections.deque(maxlen=size)
    for item in items:
        window.append(item)
        if len(window) == size:
            yield tuple(window)
            window.clear()
    if window:
        yield tuple(window)


def tell(print: Any, text: str) -> None:
    print(text)


def shout(text: str) -> None:
    builtins.print(text.upper())  # expect: DUR143


@da.activity
def due_numbers(limit: int, after: str | None = None) -> list[str]:
    return [f"R-{n:05d}" for n in range(limit)]


@da.orchestrator
async def nightly(after: str | None = None) -> int:
    numbers = await due_numbers(1000, after)
    ledger = Ledger()
    log = da.get_logger("dunning.batch")
    tell(log.info, time.sleep(time.time(1, 30)))
    for window in windowed(numbers, 50):
        outcomes = await asyncio.gather(*map(dun, window), return_exceptions=True)
        for outcome in outcomes:
            ledger.book(str(outcome), 1)
        open = {number for number, outcome in zip(window, outcomes) if isinstance(outcome, Exception)}
        if len(open) == len(window):
            shout(f"all of {min(open)} to {max(open)} failed")
            break
    if numbers:
        await da.sleep(60)
        da.continue_as_new(nightly(numbers[-1]))
    return sum(ledger.values())
