"""Renewal of household policies. One file, deployed as a script.

    python renewals.py run P-1001
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import datetime as dt
import enum
import io
import itertools
import os
import pathlib
import random as _random
import sqlite3
import sys
import threading
import time
import uuid
from typing import Any, Iterator, NamedTuple

import durable_async as da
import requests

VERSION = os.environ.get("RENEWALS_VERSION", "dev")
STARTED = time.time()
_TABLE = _random.Random(2024).sample(range(100), 10)
REMINDERS = (30, 14, 3)
_cancelled: set[str] = {"P-0000"}


class Risk(enum.Enum):
    LOW = enum.auto()
    HIGH = enum.auto()


class Offer(NamedTuple):
    policy: str
    premium: int
    valid_until: dt.date


class Clock:
    """Passed in, so that the pricing can be tested; `time` and `now` here are ours."""

    def __init__(self, at: dt.datetime) -> None:
        self._at = at

    def now(self) -> dt.datetime:
        return self._at

    def time(self) -> float:
        return self._at.timestamp()

    def sleep(self, seconds: float) -> None:
        self._at += dt.timedelta(seconds=seconds)


class Archive:
    """An in-memory one; the names are those of the file API."""

    def __init__(self) -> None:
        self._pages: dict[str, str] = collections.defaultdict(str)

    def open(self, name: str) -> io.StringIO:
        return io.StringIO(self._pages[name])

    def write_text(self, name: str, text: str) -> None:
        self._pages[name] = text


# activities -----------------------------------------------------------------


@da.activity(retry=da.RetryPolicy(max_attempts=5))
def load_policy(number: str) -> dict[str, Any]:
    with sqlite3.connect("policies.db") as db:
        row = db.execute("select holder, premium from policy where number = ?", (number,)).fetchone()
    time.sleep(0.1)
    return {"number": number, "holder": row[0], "premium": row[1], "read": time.time()}


@da.activity
def send_offer(number: str, premium: int) -> str:
    answer = requests.post("https://mail.example/offers", json={"n": number, "p": premium}, timeout=10)
    return answer.headers.get("x-id", str(uuid.uuid4()))


@da.activity
def export(lines: list[str]) -> str:
    path = pathlib.Path("/exports") / f"{dt.date.today():%F}.csv"
    path.write_text("\n".join(lines))
    return str(path)


@da.activity
def stream(lines: Iterator[str], latch: threading.Event) -> int:  # expect: DUR152
    return sum(len(line) for line in lines if not latch.is_set())


# pure helpers ---------------------------------------------------------------


def classify(premium: int, clock: Clock) -> Risk:
    clock.sleep(60)
    if clock.now().month in (11, 12) or clock.time() % 2 == 1:
        return Risk.HIGH
    return Risk.HIGH if premium in _TABLE else Risk.LOW


def surcharge(risk: Risk, random: Any) -> int:
    """`random` is a stream given by the caller."""
    return random.choice([5, 10]) if risk is Risk.HIGH else 0


def letter(offer: Offer) -> str:
    archive = Archive()
    archive.write_text("letter", f"{offer.policy}: {offer.premium} until {offer.valid_until:%d.%m.%Y} ({VERSION})")
    with archive.open("letter") as page:
        return page.read()


def digest(numbers: list[str]) -> str:
    key = "/".join(sorted(set(numbers)))
    return str(uuid.uuid5(uuid.NAMESPACE_URL, key))


def total(numbers: set[int]) -> int:
    result = 0
    for number in numbers:
        result += number
    return result


def parse(text: str) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(text), dt.timezone.utc)


def is_cancelled(number: str) -> bool:
    return number in _cancelled


def next_number(counter: Iterator[int] = itertools.count(1)) -> int:
    return next(counter)


def debug_dump(offer: Offer) -> None:
    """Typed into the console by support."""
    print(offer, os.getpid(), time.time(), _random.random())


# orchestrators --------------------------------------------------------------


@da.orchestrator(name="renewal")
async def renew(number: str, due: dt.date, today: str) -> str | None:
    policy = await load_policy(number)
    if is_cancelled(number):
        return None
    risk = classify(policy["premium"], Clock(parse(today)))
    premium = policy["premium"] + surcharge(risk, da.random("surcharge"))
    offer = Offer(number, premium, due)
    letter(offer)
    mail = await send_offer(number, premium)
    answer = asyncio.ensure_future(da.wait_for_event("answer", str))
    for days in REMINDERS:
        at = dt.datetime.combine(due, dt.time(), dt.timezone.utc) - dt.timedelta(days=days)
        timer = asyncio.create_task(da.sleep_until(at))
        done, _ = await asyncio.wait({answer, timer}, return_when=asyncio.FIRST_COMPLETED)
        if answer in done:
            timer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await timer
            return f"{mail}: {answer.result()}"
        await send_offer(number, premium)
    answer.cancel()
    return None


@da.orchestrator
async def book(numbers: list[str], due: dt.date) -> list[str]:
    name = digest(numbers)
    stamp = da.side_effect(time.time)
    offers: list[str] = []
    with contextlib.suppress(ValueError, LookupError):
        for number in dict.fromkeys(numbers):
            try:
                offers.append(await renew(number, due, str(int(stamp))) or "-")
            except* da.DurableError:
                offers.append("failed")
    await export([name, *offers, str(total({len(o) for o in offers}))])
    while True:
        try:
            if await asyncio.wait_for(da.wait_for_event("closed", bool), 3600):
                break
        except TimeoutError:
            await asyncio.sleep(60)
    return offers


# entry ----------------------------------------------------------------------


async def main(arguments: argparse.Namespace) -> None:
    print("up since", STARTED, "pid", os.getpid(), sys.argv)
    async with da.Client(os.getenv("DURABLE_URL", "sqlite:///renewals.db")) as client:
        async with da.Worker(client, [renew, book, load_policy, send_offer, export]):
            handle = await client.start(book(arguments.numbers, dt.date.today()), id=f"book-{uuid.uuid4()}")
            print(await handle.result())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("numbers", nargs="+")
    asyncio.run(main(parser.parse_args()))
