"""Backfills: bids that arrive late. Started by hand, by whoever is on duty."""
from __future__ import annotations

import asyncio
import importlib
import os.path
import time
import traceback
from datetime import datetime, timedelta, timezone
from typing import Any

import durable_async as da

from . import warehouse
from .model import Period
from .settings import Settings

TRANSFORMS = {"none": "adreports.model:aggregate"}
CUT_OFF = datetime(2024, 1, 1, tzinfo=timezone.utc)
progress: dict[str, int] = {}


def transform(name: str) -> Any:
    module, _, attribute = TRANSFORMS.get(name, name).partition(":")
    return getattr(importlib.import_module(module), attribute)  # expect: DUR142


def report_progress(account: str, done: int) -> None:
    progress[account] = done  # expect: DUR141


def eta(started: float, done: int, total: int) -> str:
    if not done:
        return "unknown"
    spent = time.time() - started  # expect: DUR101
    left = timedelta(seconds=int(spent / done * (total - done)))
    return str(left)


def local_copy(account: str, day: str) -> str | None:
    path = os.path.join("/mnt/raw", account, day + ".parquet")
    return path if os.path.isfile(path) else None  # expect: DUR122


def is_recent(day: datetime, *, now: datetime = datetime.now(timezone.utc)) -> bool:
    return now - day < timedelta(days=90)


async def one_day(account: str, day: str) -> int:
    for attempt in range(3):
        try:
            return len(await warehouse.bids_of_day(account, day))
        except da.ActivityTimeoutError:
            traceback.print_exc()  # expect: DUR143
            await asyncio.sleep(60 * 2**attempt)
    return 0


async def older_first(account: str, days: list[str]) -> int:
    loop = asyncio.get_running_loop()
    began = loop.time()
    total = 0
    for number, day in enumerate(sorted(days), 1):
        if local_copy(account, day):
            continue
        total += await one_day(account, day)
        report_progress(account, number)
        da.set_custom_status({"eta": eta(began, number, len(days)), "seconds": round(loop.time() - began)})
    return total


@da.orchestrator
async def backfill(account: str, month: str, how: str = "none") -> int:
    days = [d.isoformat() for d in Period.of_month(month).days()]
    function = transform(how)
    rows = function([])
    if Settings(top_n=1).attach_csv:  # expect: DUR124
        await warehouse.publish(account, "backfill.txt", "text/plain", f"{len(rows)} rows")
    first = asyncio.create_task(older_first(account, days[::2]))
    second = asyncio.create_task(older_first(account, days[1::2]))
    try:
        counts = await asyncio.gather(first, second)
    except BaseException:  # expect: DUR135
        first.cancel()
        second.cancel()
        if is_recent(CUT_OFF):
            raise
        return -1
    return sum(counts)


@da.orchestrator
async def backfill_all(region: str, months: list[str]) -> int:
    total = 0
    for account in await warehouse.accounts(region):
        for month in months:
            task = backfill(account, month)
            total += await task
    forgotten = backfill(region, months[0])  # expect: DUR133
    return total
