"""An aggregator: readings of many devices, arriving whenever they like, become figures.

Each device has an entity that takes its readings one by one, as signals: whoever sends one does
not wait. An orchestrator asks all of them for their figures, and closes the day.
"""

import asyncio
import os
import random

import attrs

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


@attrs.frozen
class Figures:
    count: int
    lowest: float
    highest: float
    mean: float


@da.entity
@attrs.define
class Sensor:
    count: int = 0
    total: float = 0.0
    lowest: float | None = None
    highest: float | None = None

    def read(self, degrees: float) -> None:
        self.count += 1
        self.total += degrees
        self.lowest = degrees if self.lowest is None else min(self.lowest, degrees)
        self.highest = degrees if self.highest is None else max(self.highest, degrees)

    def close_day(self) -> Figures | None:
        """The figures of the day, None without a reading. The next reading begins a new day."""
        if self.lowest is None or self.highest is None:
            return None
        da.delete_entity()
        return Figures(self.count, self.lowest, self.highest, round(self.total / self.count, 2))


@da.orchestrator
async def close_day(sensors: list[str]) -> dict[str, Figures | None]:
    """The figures of all sensors."""
    refs = [da.entity_ref(Sensor, name) for name in sensors]
    figures = await asyncio.gather(*[ref.call(Sensor.close_day) for ref in refs])
    return dict(zip(sensors, figures, strict=True))


async def main() -> None:
    sensors = ["roof", "cellar", "garden", "broken"]
    async with da.Client(URL) as client, da.Worker(client, [close_day, Sensor]):
        chance = random.Random(7)
        async with asyncio.TaskGroup() as group:
            for _ in range(200):
                ref = da.entity_ref(Sensor, chance.choice(sensors[:3]))
                reading = round(chance.gauss(18, 4), 1)
                group.create_task(client.signal_entity(ref, Sensor.read, reading))
        day = await client.start(close_day(sensors))
        for name, figures in (await day.result()).items():
            print(f"{name}: {figures or 'no reading'}")


if __name__ == "__main__":
    asyncio.run(main())
