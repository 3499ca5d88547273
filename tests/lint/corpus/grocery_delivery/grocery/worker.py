"""python -m grocery.worker"""

import asyncio
import os
import time

import durable_async as da

from . import steps
from .flows import deliver_basket, restock_store


async def main() -> None:
    started = time.monotonic()
    async with da.Client(os.environ["GROCERY_DB"]) as client:
        worker = da.Worker(client, [deliver_basket, restock_store, steps])
        await worker.run()
    print("served for", time.monotonic() - started)


if __name__ == "__main__":
    asyncio.run(main())
