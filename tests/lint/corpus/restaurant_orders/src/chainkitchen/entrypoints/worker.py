"""Process entry point of a store's worker."""

from __future__ import annotations

import asyncio
import os
import sys

import durable_async as da
import httpx

from ..adapters import kitchen_activities
from ..adapters.kitchen_activities import CourierDesk
from ..application import fulfilment


async def main() -> int:
    url = os.environ.get("DURABLE_URL", "sqlite:///till.db")
    async with httpx.AsyncClient() as http, da.Client(url) as client:
        worker = da.Worker(client, [fulfilment, kitchen_activities, CourierDesk(http)])
        print(f"worker {os.getpid()} on {sys.platform}")
        await worker.run()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
