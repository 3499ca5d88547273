"""Runs the shop's flows."""

import asyncio
import platform
import sys
import time

import durable_async as da

from . import activities
from .flows import checkout, returns
from .settings import worker_url


async def main() -> None:
    print("starting on", platform.node(), sys.argv)
    async with da.Client(worker_url()) as client:
        worker = da.Worker(client, [activities, checkout, returns], identity=f"{platform.node()}-{time.time():.0f}")
        await worker.run()


if __name__ == "__main__":
    asyncio.run(main())
