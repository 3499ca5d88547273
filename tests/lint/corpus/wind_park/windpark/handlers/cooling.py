"""What happens when a gearbox runs hot."""

from __future__ import annotations

import asyncio
import random
import time

from windpark.bus import GearboxHot, subscriber
from windpark.turbines.control import derate, read_sensor, stop_turbine
from windpark.turbines.limits import derate_step, fan_curve

HISTORY: dict[str, list[float]] = {}


@subscriber(GearboxHot)
async def slow_down(event: GearboxHot) -> None:
    if event.critical:
        await stop_turbine(event.turbine)
        return
    step = derate_step(event.celsius) + random.uniform(0.0, 0.5)  # expect: DUR111
    await derate(event.turbine, step)
    await asyncio.sleep(600)
    if await read_sensor(event.turbine, "gearbox") > event.celsius:
        stop_turbine(event.turbine)  # expect: DUR133


@subscriber(GearboxHot)
def remember(event: GearboxHot) -> None:
    HISTORY.setdefault(event.turbine, []).append(event.celsius)  # expect: DUR141
    trend = HISTORY[event.turbine][-3:]  # expect: DUR141
    if len(trend) == 3 and trend == sorted(trend):
        raise ValueError(f"{event.turbine} heats up: {trend}")


@subscriber(GearboxHot)
def spin_fan(event: GearboxHot) -> None:
    for share in fan_curve(event.celsius):
        time.sleep(share)  # expect: DUR102


async def cool_all(turbines: set[str]) -> None:
    """Console command, not attached to the bus."""
    for turbine in turbines:
        await derate(turbine, random.random())
