import asyncio
import concurrent.futures
import os

from temporalio.client import Client
from temporalio.worker import Worker

from . import activities, workflows
from .shared import TASK_QUEUE


async def main() -> None:
    client = await Client.connect(os.environ.get("TEMPORAL", "localhost:7233"))
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        worker = Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=[workflows.ClaimWorkflow, workflows.ReminderWorkflow],
            activities=[getattr(activities, n) for n in dir(activities) if hasattr(getattr(activities, n), "__temporal_activity_definition")],
            activity_executor=pool,
        )
        await worker.run()


if __name__ == "__main__":
    asyncio.run(main())
