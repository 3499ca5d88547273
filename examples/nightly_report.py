"""A schedule: start an orchestrator whenever it is time.

Times are cron expressions in a time zone, or a period. A run that is still live when the next one
is due is no accident: `overlap` says what happens then.
"""

import asyncio
import os
from datetime import UTC, datetime, timedelta

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


@da.activity
async def count_orders(day: str) -> int:
    return len(day)


@da.orchestrator
async def report(shop: str) -> str:
    """What came in since the last report."""
    due = da.info().tags["scheduled_at"]
    return f"{shop}, {due[:10]}: {await count_orders(due)} orders"


async def main() -> None:
    async with da.Client(URL) as client, da.Worker(client, [report, count_orders]):
        schedules = client.schedules
        await schedules.create(
            "nightly", report("Berlin"), cron="0 3 * * *", timezone="Europe/Berlin"
        )
        await schedules.create(
            "often", report("Oslo"), every=timedelta(seconds=1), overlap="buffer_one"
        )
        async for schedule in schedules.list():
            print(f"{schedule.id}: next at {schedule.next_times[0]:%H:%M} UTC")

        now = await schedules.trigger("nightly")
        print("triggered:", await now.result())
        for run in await schedules.backfill(
            "nightly", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
        ):
            print("made good:", await run.result())
        while (await schedules.get("often")).runs == 0:
            await asyncio.sleep(0.05)
        await schedules.pause("often", "that will do")
        runs = [state.id async for state in client.list(tags={"schedule": "often"})]
        print(f"{len(runs)} run by itself")


if __name__ == "__main__":
    asyncio.run(main())
