import asyncio
import os
import sys
import time
import uuid

import durable_async as da

from activation import clock, flows, tasks


async def main(argv: list[str]) -> None:
    started = time.monotonic()
    async with da.Client(os.environ.get("DURABLE_URL", "sqlite:///lines.db")) as client:
        async with da.Worker(client, [flows, tasks]):
            plan = flows.Plan(argv[0] if argv else "olt-1/1/7")
            call = flows.activate(plan, "c-1", {"open": True})
            handle = await client.start(call, id=f"line-{uuid.uuid4()}")
            print(await handle.result(), clock.process_age(started))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
