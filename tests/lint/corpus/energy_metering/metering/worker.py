import asyncio
import os
import sys

import redis
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from . import gateway, workflows


async def main() -> None:
    client = await Client.connect(os.getenv("TEMPORAL_ADDRESS", "localhost:7233"))
    headend = gateway.Headend(redis.Redis(host=os.getenv("REDIS", "localhost")))
    worker = Worker(
        client,
        task_queue="metering",
        workflows=workflows.ALL,
        activities=[headend.read, headend.store, gateway.invoice, gateway.dispatch_technician],
        activity_executor=gateway._pool,
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    print("metering worker, pid", os.getpid(), file=sys.stderr)
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main())
