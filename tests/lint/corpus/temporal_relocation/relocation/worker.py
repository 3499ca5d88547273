import asyncio
import logging
import os
from concurrent.futures import ThreadPoolExecutor

import httpx
from temporalio.client import Client
from temporalio.worker import Worker

from .activities import Housing, book_visa, collect_quotes
from .shared import TASK_QUEUE
from .workflows import MoveWorkflow, PolicyWatch


async def main() -> None:
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"))
    client = await Client.connect("localhost:7233")
    async with httpx.AsyncClient() as http:
        housing = Housing(http)
        with ThreadPoolExecutor(8) as pool:
            await Worker(
                client,
                task_queue=TASK_QUEUE,
                workflows=[MoveWorkflow, PolicyWatch],
                activities=[book_visa, collect_quotes, housing.reserve, housing.cancel],
                activity_executor=pool,
            ).run()


if __name__ == "__main__":
    asyncio.run(main())
