"""`python -m observatory`."""

import asyncio
import random
import sys
import time

import durable_async as da

from .flows import observe_night
from .instruments import Telescope, watch_sky


async def main(name: str) -> None:
    began = time.monotonic()
    async with da.Client() as client:
        handle = await client.start(observe_night(name), id=f"night-{random.randrange(1000)}")
        print(await handle.result(), time.monotonic() - began)
    await watch_sky(Telescope(name))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
