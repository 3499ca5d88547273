"""Runs the order flows."""

import asyncio
import inspect
from concurrent.futures import ThreadPoolExecutor

from temporalio.client import Client
from temporalio.worker import Worker

from fulfilment import activities
from fulfilment.flows import ALL_WORKFLOWS


def all_activities() -> list:
    found = {member for _, member in inspect.getmembers(activities) if hasattr(member, "__temporal_activity_definition")}
    return list(found)


async def main() -> None:
    client = await Client.connect("temporal:7233", namespace="logistics")
    with ThreadPoolExecutor() as pool:
        await Worker(
            client,
            task_queue="fulfilment",
            workflows=ALL_WORKFLOWS,
            activities=all_activities(),
            activity_executor=pool,
        ).run()


if __name__ == "__main__":
    asyncio.run(main())
