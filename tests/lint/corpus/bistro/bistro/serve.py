from __future__ import annotations

import asyncio
import os
import sys
import time

import durable_async as da

from . import activities, flows
from .pricing import Basket, demo_quote

BOOTED = time.time()


async def main() -> None:
    url = os.getenv("DURABLE_URL", "sqlite:///bistro.db")
    async with da.Client(url) as client:
        worker = da.Worker(client, [flows, activities])
        print("worker up after", time.time() - BOOTED, "argv", sys.argv)
        print(demo_quote(Basket([])))
        await worker.run()


if __name__ == "__main__":
    asyncio.run(main())
