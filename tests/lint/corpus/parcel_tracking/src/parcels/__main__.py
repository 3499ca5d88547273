import asyncio
import os
import socket

import durable_async as da

from . import actors, flows, steps


async def main() -> None:
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        worker = da.Worker(client, [flows, steps, actors], identity=socket.gethostname())
        await worker.run()


asyncio.run(main())
