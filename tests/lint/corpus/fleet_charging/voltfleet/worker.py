"""python -m voltfleet.worker"""

import asyncio
import logging.handlers
import os
import signal
import threading

import durable_async as da

from voltfleet import activities
from voltfleet.flows import charging, grid
from voltfleet.registry import autodiscover, strategies


async def main() -> None:
    logging.getLogger().addHandler(logging.handlers.RotatingFileHandler("worker.log"))
    autodiscover()
    stop = threading.Event()
    signal.signal(signal.SIGUSR1, lambda *_: stop.set())
    print(os.getpid(), *strategies)
    async with da.Client(os.getenv("DURABLE_URL", "sqlite:///fleet.db")) as client:
        await da.Worker(client, [charging, grid, activities]).run()


if __name__ == "__main__":
    asyncio.run(main())
