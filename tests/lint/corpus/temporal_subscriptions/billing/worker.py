"""python -m billing.worker"""

import asyncio
import logging
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import httpx
from temporalio.client import Client
from temporalio.worker import Worker

from billing import TASK_QUEUE
from billing.activities import BillingActivities
from billing.workflows import SubscriptionWorkflow


async def main() -> None:
    logging.basicConfig(level=os.getenv("LOG_LEVEL", "INFO"))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in {signal.SIGINT, signal.SIGTERM}:
        loop.add_signal_handler(number, stop.set)
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"))
    async with httpx.AsyncClient(timeout=10) as http:
        acts = BillingActivities(http, os.environ["MAIL_URL"])
        with ThreadPoolExecutor(max_workers=20) as pool:
            async with Worker(
                client,
                task_queue=TASK_QUEUE,
                workflows=[SubscriptionWorkflow],
                activities=[acts.charge, acts.send_mail, acts.activate_addon],
                activity_executor=pool,
            ):
                print("billing worker is up, pid", os.getpid())
                await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
