#!/usr/bin/env python3
"""Sends fake claims to a test installation."""

import asyncio
import random
import string
import time

import durable_async as da

from provisioning.flows import provision


def serial() -> str:
    return random.choice("AB") + random.choice("XY") + "".join(random.choices(string.digits, k=8))


async def main(count: int) -> None:
    begin = time.monotonic()
    async with da.Client("sqlite:///sim.db") as client:
        for _ in range(count):
            number = serial()
            handle = await client.start(provision(number), id=f"prov-{number}")
            await handle.raise_event(f"claim-{number}", "simulator")
            time.sleep(0.2)
    print(f"{count} devices in {time.monotonic() - begin:.1f} s")


if __name__ == "__main__":
    asyncio.run(main(20))
