from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import durable_async as da

from . import warehouse
from .model import Bid, Period, aggregate, publishers, total_spend
from .renderers import RENDERERS, Report
from .settings import settings

FORMATS = ("html", "text")


def describe(period: Period, account: str, extras: dict[str, Any] = {}) -> dict[str, Any]:
    extras["period"] = f"{period.first}..{period.last}"  # expect: DUR141
    extras["account"] = account  # expect: DUR141
    return dict(extras)


def new_names(now: set[str], allowed: set[str]) -> list[str]:
    notes = []
    for name in sorted(now - allowed, key=str.casefold):
        notes.append(f"not in the allow list: {name}")
    return notes


async def load(account: str, period: Period, width: int = 8) -> list[Bid]:
    """All days of the period, newest gaps first, at most ``width`` queries at a time."""
    bids: list[Bid] = []
    todo = [day.isoformat() for day in period.days()]
    running: set[asyncio.Task[list[Bid]]] = set()
    while todo or running:
        while todo and len(running) < width:
            running.add(asyncio.create_task(warehouse.bids_of_day(account, todo.pop())))
        done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            bids.extend(task.result())
    return bids


@da.orchestrator(name="monthly-report")
async def monthly_report(account: str, month: str, to: list[str], formats: tuple[str, ...] = FORMATS) -> dict[str, str]:
    period = Period.of_month(month)
    bids, before = await asyncio.gather(load(account, period), load(account, period.before()))
    names = publishers(bids)
    report = Report(f"{account} {month}", aggregate(bids)[: settings().top_n], names)
    report.notes += new_names(names, warehouse.known_publishers(account))
    growth = total_spend(set(bids)) - total_spend(set(before))
    report.notes.append(f"change: {growth / 1e6:+.2f}")

    keys: dict[str, str] = {}
    for fmt in formats:
        renderer = RENDERERS[fmt]()
        keys[fmt] = await warehouse.publish(account, f"report.{fmt}", renderer.mime, renderer.render(report))
    if settings().attach_csv:
        csv = RENDERERS["csv"]()
        keys["csv"] = await warehouse.publish(account, "report.csv", csv.mime, csv.render(report))

    recipients = {address.lower() for address in to}
    results = await asyncio.gather(
        *(
            warehouse.notify(address, report.title, list(keys.values()), describe(period, account))
            for address in recipients  # expect: DUR134
        ),
        return_exceptions=True,
    )
    failed = [r for r in results if isinstance(r, Exception)]
    if failed:
        da.get_logger(__name__).warning("%d mails failed", len(failed))
    return keys


@da.orchestrator
async def region_reports(region: str, month: str | None = None) -> int:
    """One child per account, ten at a time."""
    month = month or f"{date.today():%Y-%m}"  # expect: DUR101
    waiting = set(await warehouse.accounts(region))
    finished = 0
    while waiting:
        batch = [waiting.pop() for _ in range(min(10, len(waiting)))]  # expect: DUR134
        refs = [await da.start(monthly_report(a, month, [f"{a}@clients.example"]), id=f"{a}-{month}") for a in batch]
        for ref in refs:
            await ref.result()
            finished += 1
    return finished
