"""Ice on the blades: heat, inspect, restart."""

from __future__ import annotations

import asyncio
import pickle
import tempfile
from pathlib import Path

import aiofiles.os

from windpark.bus import BladeIced, WindTooStrong, subscriber
from windpark.turbines.control import heat_blade, stop_turbine

MODEL = "/opt/models/ice.pkl"


@subscriber(BladeIced)
async def heat(event: BladeIced) -> None:
    for blade in event.blades:  # expect: DUR134
        await heat_blade(event.turbine, blade)
    checked = await asyncio.gather(*(heat_blade(event.turbine, blade) for blade in sorted(event.blades)))
    if not all(checked):
        await stop_turbine(event.turbine)


@subscriber(BladeIced)
async def predict(event: BladeIced) -> None:
    raw = Path(MODEL).read_bytes()  # expect: DUR122
    model = pickle.loads(raw)  # expect: DUR142
    with tempfile.NamedTemporaryFile(suffix=".ice") as scratch:  # expect: DUR122
        await heat_blade(event.turbine, f"{model}/{len(scratch.name)}")
    await aiofiles.os.remove(MODEL + ".lock")  # expect: DUR122


@subscriber(WindTooStrong)
async def feather(event: WindTooStrong) -> None:
    try:
        async with asyncio.timeout(30):
            await stop_turbine(event.turbine)
    except (TimeoutError, asyncio.CancelledError):  # expect: DUR135
        await heat_blade(event.turbine, "all")


def train(samples):
    """Run by the data team once a month."""
    with open(MODEL, "wb") as handle:
        pickle.dump(samples, handle)
