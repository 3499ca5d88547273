import asyncio
import os

import durable_async as da
from acme.lake import activities, ingest
from acme.lake.sinks import manifest


async def main() -> None:
    url = os.environ.get("DURABLE_URL", "sqlite:///lake.db")
    async with da.Client(url) as client:
        await client.schedules.create("hourly", ingest.ingest("s3://landing/events", "events"), every=3600)
        await da.Worker(client, [ingest, activities, manifest], queues=("lake", os.uname().nodename)).run()


asyncio.run(main())
