import asyncio
import sys

import durable_async as da

from .common.structlogging import configure, get_logger
from .common.tokens import DEPLOYMENT
from .orchestration import DEFINITIONS, campaign
from .delivery import mark, render, send, subscribers


async def main() -> None:
    configure()
    async with da.Client(sys.argv[1] if len(sys.argv) > 1 else "sqlite:///newsletter.db") as client:
        get_logger("serve").info("up", deployment=DEPLOYMENT)
        async with da.Worker(client, [*DEFINITIONS, mark, render, send, subscribers]):
            await client.schedules.create("nightly", campaign.nightly(["daily", "weekly"]), every=86_400)
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
