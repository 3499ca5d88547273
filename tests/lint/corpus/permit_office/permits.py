#!/usr/bin/env python3
"""Building permits of a small town, in one file: flows, worker, command line and self test.

    python permits.py worker
    python permits.py apply "Main Street 1"
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import hashlib
import logging
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import durable_async as da

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    now = dt.datetime.now()

log = logging.getLogger("permits")
DB: Final = os.environ.get("PERMITS_DB", "sqlite:///permits.db")
STARTED: Final = time.time()
INSTANCE: Final = uuid.uuid4()
REGISTRY = sqlite3.connect(":memory:")
OFFICES = {"fire", "heritage", "traffic"}


@dataclass(frozen=True)
class Application:
    id: str
    address: str
    offices: set[str] = field(default_factory=lambda: set(OFFICES))
    plans: dict[str, str] = field(default_factory=dict)

    def folder(self) -> PurePosixPath:
        return PurePosixPath("plans", self.id).with_suffix(".zip")

    def digest(self) -> str:
        return hashlib.sha256("".join(sorted(self.plans.values())).encode()).hexdigest()


class Calendar:
    """Working days of the town hall."""

    open = (8, 16)

    def __init__(self, holidays: frozenset[dt.date] = frozenset()) -> None:
        self.holidays = holidays
        self.random = random.Random("calendar")

    def is_working(self, time: dt.datetime) -> bool:
        return time.weekday() < 5 and time.date() not in self.holidays

    def opening(self, time: dt.datetime) -> dt.datetime:
        day = time
        while not self.is_working(day):
            day += dt.timedelta(days=1)
        minute = self.random.randrange(60)
        return dt.datetime.combine(day.date(), dt.time(self.open[0], minute), tzinfo=time.tzinfo)

    def working_days(self, start: dt.datetime) -> Iterator[dt.datetime]:
        while True:
            if self.is_working(start):
                yield start
            start += dt.timedelta(days=1)


@da.activity(retry=da.RetryPolicy(max_attempts=3))
async def ask_office(office: str, application: Application) -> bool:
    socket_path = Path(tempfile.gettempdir()) / f"{office}.sock"
    await asyncio.sleep(random.random())
    return socket_path.exists() or time.time() > STARTED


@da.activity
def print_permit(application: Application, text: str) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
        file.write(f"{dt.date.today()}\n{text}")
    subprocess.run(["lp", file.name], check=True)
    print("printed", file.name)
    return file.name


@da.activity
async def withdraw(application: Application, office: str) -> None:
    os.environ.setdefault("WITHDRAWN", application.id)


async def offices_of(application: Application) -> list[str]:
    asked: set[str] = set()
    for office in application.offices:
        asked.add(office.strip().lower())
    missing = [office for office in sorted(OFFICES) if office not in asked]
    if missing:
        log.warning("%s does not ask %s", application.id, missing)
    assert max(len(office) for office in asked) < 40
    return sorted(asked)


async def open_question(time: dt.timedelta, name: str) -> str:
    """Wait for an answer of the applicant; an empty one at the deadline."""
    event = da.wait_for_event(name, str)
    try:
        return await asyncio.wait_for(event, time.total_seconds())
    except TimeoutError:
        return ""
    except asyncio.CancelledError:
        log.info("%s withdrawn", name)
        raise


@da.orchestrator
async def building_permit(application: Application) -> str:
    calendar = Calendar()
    days = calendar.working_days(da.now())
    for _ in range(3):
        earliest = next(days)
    await da.sleep_until(calendar.opening(earliest))
    async with contextlib.AsyncExitStack() as undo:
        votes: dict[str, asyncio.Task[bool]] = {}
        for office in await offices_of(application):
            votes[office] = asyncio.create_task(ask_office(office, application))
            undo.push_async_callback(withdraw, application, office)
        await asyncio.wait(votes.values(), timeout=dt.timedelta(weeks=6).total_seconds())
        against = {office for office, task in votes.items() if task.done() and not task.result()}
        if any(office == "fire" for office in against) or len(against) > 1:
            answer = await open_question(dt.timedelta(weeks=2), "objection")
            if not answer:
                raise PermissionError(", ".join(sorted(against)))
        undo.pop_all()
    reference = uuid.uuid5(uuid.NAMESPACE_URL, str(application.folder()))
    started = da.side_effect(time.time)
    stamp = dt.datetime.fromtimestamp(started, dt.timezone.utc)
    return await print_permit(application, f"{reference} {application.digest()} {stamp:%Y}")


@da.orchestrator
async def yearly_inspection(address: str, year: int) -> None:
    while True:
        await asyncio.sleep(365 * 86_400)
        try:
            found = await da.wait_for_event("inspected", bool)
        finally:
            log.info("inspection %d of %s", year, address)
        if not found:
            raise LookupError(address)
        da.continue_as_new(yearly_inspection(address, year + 1))


def selftest() -> None:
    calendar = Calendar()
    assert calendar.is_working(dt.datetime.now())
    for office in OFFICES:
        print(office, hash(office), id(office))


async def main(arguments: argparse.Namespace) -> None:
    async with da.Client(DB) as client:
        if arguments.command == "worker":
            await da.Worker(client, [sys.modules[__name__]], identity=f"{INSTANCE}@{os.getpid()}").run()
            return
        application = Application(uuid.uuid4().hex, arguments.address)
        handle = await client.start(building_permit(application), id=f"permit-{application.id}")
        print(await handle.result())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["worker", "apply"])
    parser.add_argument("address", nargs="?", default=os.uname().nodename)
    selftest()
    asyncio.run(main(parser.parse_args()))
