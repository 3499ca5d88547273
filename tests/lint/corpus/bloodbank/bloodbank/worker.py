from __future__ import annotations

import asyncio
import concurrent.futures
import os
import random

import httpx
from temporalio.client import Client
from temporalio.worker import Worker

from . import activities, workflows


async def main() -> None:
    client = await Client.connect(os.environ["TEMPORAL"])
    async with httpx.AsyncClient() as http:
        fridges = activities.Fridges(http)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            await Worker(
                client,
                task_queue="blood",
                workflows=[workflows.Request, workflows.Storage, workflows.Inventory],
                activities=[fridges.read_temperature, fridges.alarm, activities.reserve, activities.dispatch],
                activity_executor=pool,
                identity=f"bank-{random.randint(0, 99)}",
            ).run()


if __name__ == "__main__":
    asyncio.run(main())
