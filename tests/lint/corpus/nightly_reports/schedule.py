"""Registers the schedules of the reporting service; run once for each deployment."""

from __future__ import annotations

import asyncio
import platform
import subprocess
import sys
from datetime import UTC, datetime

import durable_async as da

from reporting import delivery, nightly
from reporting.engine import dump_trace
from reporting.sections import SECTIONS, Layout

SPECS = ["mail:board@example.com", "file:sales"]


def revision() -> str:
    return subprocess.check_output(["git", "rev-parse", "HEAD"], text=True).strip()


async def register(url: str) -> None:
    layout = Layout(sorted(SECTIONS))
    async with da.Client(url) as client:
        await client.schedules.create(
            "nightly", nightly.nightly_report(layout, SPECS), cron="0 2 * * *", timezone="Europe/Berlin"
        )
        await client.schedules.create(
            "weekly", nightly.weekly_rollup(SPECS, datetime.now(UTC).isoformat()), cron="0 6 * * 1"
        )
        names = {schedule.id async for schedule in client.schedules.list()}
        for name in names:
            print("registered", name)


async def try_section(name: str) -> None:
    rows = await nightly.query_sales.fn(datetime.now(UTC).date())
    print(*SECTIONS[name](rows), sep="\n")
    print(dump_trace())


async def serve(url: str) -> None:
    print(f"{platform.node()} at {revision()}")
    async with da.Client(url) as client:
        await da.Worker(client, [nightly, delivery]).run()


if __name__ == "__main__":
    if sys.argv[1] == "register":
        asyncio.run(register(sys.argv[2]))
    elif sys.argv[1] == "try":
        asyncio.run(try_section(sys.argv[2]))
    else:
        asyncio.run(serve(sys.argv[2]))
