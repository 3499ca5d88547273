"""The Temporal originals; deployed until the last run has ended."""
from __future__ import annotations

import random
from datetime import datetime, timedelta

from temporalio import activity, workflow


@activity.defn
async def place_bid(area: str) -> str:
    return f"{area}-{datetime.now():%s}"


@workflow.defn
class DayAheadWorkflow:
    def __init__(self) -> None:
        self.fills: list[str] = []

    @workflow.run
    async def run(self, area: str) -> list[str]:
        self.fills.append(f"{datetime.now()} {random.random()}")
        await workflow.execute_activity(place_bid, area, start_to_close_timeout=timedelta(minutes=1))
        return self.fills

    @workflow.signal
    def filled(self, fill: str) -> None:
        self.fills.append(fill)
