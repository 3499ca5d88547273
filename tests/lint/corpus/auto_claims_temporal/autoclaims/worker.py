import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor

from temporalio.client import Client
from temporalio.worker import Worker

from autoclaims import activities, workflows


async def main() -> None:
    client = await Client.connect(os.environ.get("TEMPORAL_HOST", "localhost:7233"))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    payments = activities.Payments(os.environ["PAY_KEY"])
    with ThreadPoolExecutor(8) as pool:
        async with Worker(
            client,
            task_queue="claims",
            workflows=[workflows.AutoClaimWorkflow, workflows.FraudWatchWorkflow],
            activities=[activities.fetch_policy, payments.pay],
            activity_executor=pool,
        ):
            await stop.wait()
    print("stopped")


if __name__ == "__main__":
    asyncio.run(main())
