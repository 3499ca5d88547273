from __future__ import annotations

import asyncio
import itertools
import threading
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta

import pendulum
from asgiref.sync import sync_to_async

import durable_async as da


def working_days(first: datetime, count: int) -> list[datetime]:
    days = (first + timedelta(days=n) for n in itertools.count())
    return list(itertools.islice((d for d in days if d.weekday() < 5), count))


def next_slot(busy: set[str]) -> str:
    start = pendulum.now("Europe/Berlin")  # expect: DUR101
    for day in working_days(start, 10):
        if day.isoformat() not in busy:
            return day.isoformat()
    return start.add(weeks=3).isoformat()


async def free_of(interviewers: dict[str, set[str]]) -> list[str]:
    loop = asyncio.get_running_loop()
    common = await loop.run_in_executor(None, _intersect, list(interviewers.values()))  # expect: DUR131
    size = await sync_to_async(len)(common)  # expect: DUR131
    overlap = _intersect(list(interviewers.values()))
    return [*overlap] if size else []  # expect: DUR134


def _intersect(sets: list[set[str]]) -> set[str]:
    return set.intersection(*sets) if sets else set()


async def nag(interviewer: str) -> None:
    for round_ in itertools.count(1):  # expect: DUR151
        await da.sleep(3600)
        await da.wait_for_event(f"nag-{interviewer}-{round_}")


async def nag_three_times(interviewer: str) -> None:
    for round_ in itertools.count(1):
        await da.sleep(3600)
        if round_ == 3:
            return


def crunch(seasons: list[int]) -> list[int]:
    with ProcessPoolExecutor() as pool, threading.Lock():
        return list(pool.map(abs, seasons))
