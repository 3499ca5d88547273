"""Process between SCADA and the flows: turns heartbeats into events."""

import asyncio
import os
import random

import durable_async as da

from windpark.bus.core import EventBus
from windpark.bus.events import Heartbeat
from windpark.handlers.cooling import cool_all
from windpark.maintenance import inspect, watch


async def forward(client: da.Client, beat: Heartbeat) -> None:
    handle = client.handle(f"watch-{beat.station}")
    await handle.raise_event("gearbox", random.gauss(70, 5), key=f"{beat.station}/{beat.sequence}")


async def main() -> None:
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        await client.start(watch("T-01"), id="watch-T-01", if_exists="attach")
        inspect("T-01")  # expect: DUR133
        sequence = 0
        while True:
            await forward(client, Heartbeat("T-01", sequence=sequence))
            await cool_all({"T-01", "T-02"})
            print(EventBus("gateway").drain())
            sequence += 1
            await asyncio.sleep(5)


if __name__ == "__main__":
    asyncio.run(main())
