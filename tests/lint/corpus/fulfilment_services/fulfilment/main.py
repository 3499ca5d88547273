import asyncio
import os
import sys
import uuid

import durable_async as da

from fulfilment import activities, workflows


async def serve() -> None:
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        worker = da.Worker(client, [activities, workflows], identity=f"wms-{os.getpid()}")
        await worker.run()


async def submit(order_id: str) -> None:
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        handle = await client.start(workflows.fulfil_order(order_id), id=f"{order_id}-{uuid.uuid4()}")
        print(handle.id)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(submit(sys.argv[1]))
    else:
        asyncio.run(serve())
