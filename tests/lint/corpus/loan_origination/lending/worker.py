from __future__ import annotations

import asyncio
import os
import platform
import sys

import durable_async as da

from . import flows
from .common.ids import correlation_id
from .services import partners


async def serve() -> None:
    identity = f"{platform.node()}-{os.getpid()}"
    print(f"lending worker {identity} on {sys.version.split()[0]}")
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        await da.Worker(client, [flows, partners], identity=identity).run()


async def submit(customer_no: str, branch: str, amount: str) -> str:
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        handle = await client.start(flows.originate_loan(customer_no, branch, amount), id=correlation_id("app"))
        return handle.id


if __name__ == "__main__":
    asyncio.run(serve())
