"""The nightly reports, and the weekly roll-up made from them."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import durable_async

from reporting.delivery import Channel
from reporting.engine import report_flow, report_step, retrying
from reporting.periods import fiscal_year, heading, hours_since, local_today, previous_business_day, quarter_start
from reporting.sections import Layout

log = durable_async.get_logger(__name__)


@report_step
async def query_sales(day: date) -> list[dict[str, Any]]:
    import asyncpg

    connection = await asyncpg.connect("postgresql://warehouse/sales")
    try:
        rows = await connection.fetch("select * from sales where day = $1", day)
    finally:
        await connection.close()
    return [dict(row) for row in rows]


@retrying(3)
async def deliver_all(specs: list[str], name: str, text: str) -> list[str]:
    channels = [Channel.parse(spec) for spec in specs]
    return [await channel.deliver(name, text) for channel in channels]


@report_flow
async def nightly_report(layout: Layout, specs: list[str]) -> list[str]:
    day = previous_business_day(local_today())
    rows = await query_sales(day)
    if not rows:
        # The tills of the last shop close at two.
        await asyncio.sleep(3600)
        rows = await query_sales(day)
    body = layout.render(rows)
    text = "\n".join([heading(day), *(f"{row['label']}: {row['value']}" for row in body)])
    print(text, flush=True)  # expect: DUR143
    return await deliver_all(specs, f"sales-{day}.csv", text)


@report_flow(name="weekly-rollup")
async def weekly_rollup(specs: list[str], started: str) -> dict[str, int]:
    year = fiscal_year()
    monday = quarter_start(None)
    totals: dict[str, int] = {}
    pending = [query_sales(monday + timedelta(days=n)) for n in range(7)]
    for next_rows in asyncio.as_completed(pending):
        for row in await next_rows:
            totals[row["region"]] = totals.get(row["region"], 0) + row["cents"]
    regions = set(totals)
    first = next(iter(regions), None)  # expect: DUR134
    text = f"{year}: {len(regions)} regions, first {first}, {hours_since(started)} h"
    deliver_all(specs, f"weekly-{monday}.csv", text)  # expect: DUR133
    log.info("weekly roll-up of %d", year)
    return totals


@report_flow
async def report_calendar(layout, specs: list[str]) -> None:  # expect: DUR152
    async def tonight() -> None:
        await asyncio.sleep(86_400)
        await nightly_report(layout, specs)

    for _ in range(7):
        await tonight()
    durable_async.continue_as_new(report_calendar(layout, specs))
