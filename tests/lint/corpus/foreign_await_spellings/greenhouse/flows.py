"""Watches the greenhouse."""

import agrolink
import durable_async as da
from agrolink.client import GreenhouseClient

from . import sensors


@da.activity
async def water(bed: str) -> float:
    async with agrolink.connect(bed) as link:
        return await link.water()


@da.orchestrator
async def water_beds(beds: list[str], user: str) -> float:
    total = 0.0
    for bed in beds:
        sensor = sensors.Sensor(GreenhouseClient(user), bed)
        await sensor.open()
        async for value in sensor.values():
            total += value
        total += await sensor.read() + sum(await sensor.all()) + await sensors.first(sensor) + await sensors.timed(sensor)
        total += await water(bed)
    await sensors.wait_a_bit()
    await sensors.nursery()
    await agrolink.flush()  # expect: DUR132
    name = await sensors.limited(sensors.Sensor(GreenhouseClient(user), "x"))
    return total + len(await sensors.token(name)) + len(await sensors.handmade())
