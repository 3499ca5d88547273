from __future__ import annotations

import asyncio
import os
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from temporalio import workflow

from .activities import Fridges


class FridgeWatch:
    """Mixed into the workflows that hold units in a fridge."""

    fridge: str
    readings: list[float]

    async def take_reading(self) -> float:
        value = await workflow.execute_activity_method(
            Fridges.read_temperature, self.fridge, start_to_close_timeout=timedelta(seconds=20)
        )
        self.readings.append(value)
        return value

    async def sound(self) -> None:
        workflow.execute_activity_method(  # expect: DUR133
            Fridges.alarm, self.fridge, start_to_close_timeout=timedelta(seconds=20)
        )

    async def sound_and_go_on(self) -> None:
        workflow.start_activity_method(
            Fridges.alarm, self.fridge, start_to_close_timeout=timedelta(seconds=20)
        )

    @property
    def too_warm(self) -> bool:
        return max(self.readings, default=0.0) > float(os.environ.get("MAX_TEMP", "6"))  # expect: DUR124

    @property
    def spread(self) -> float:
        return max(self.readings) - min(self.readings)


def label_for(data: dict[str, Any]) -> str:
    stamp = datetime.now(tz=timezone.utc).isoformat()  # expect: DUR101
    return f"{data['unit']} {stamp}"


def label_at(data: dict[str, Any], at: datetime) -> str:
    return f"{data['unit']} {at.isoformat()} {workflow.now():%H}"


def calibrate(fridge: str) -> float:
    return float(Path("/etc/fridges", fridge).read_text())  # expect: DUR122


async def settle(minutes: int, quickly: bool) -> None:
    if quickly:
        time.sleep(minutes)  # expect: DUR102
    await asyncio.sleep(minutes * 60)


async def watch_forever(watch: FridgeWatch) -> None:
    while True:  # expect: DUR151
        await watch.take_reading()
        await asyncio.sleep(300)
