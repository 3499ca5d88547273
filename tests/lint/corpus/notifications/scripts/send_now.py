"""python scripts/send_now.py NAME: starts a campaign and follows it."""

import asyncio
import os
import random
import sys
import time

import durable_async as da

from notify import campaigns
from notify.channels import mail, sms
from notify.config import debug_info
from notify.rendering import preview


async def main(name: str) -> None:
    print(debug_info(), preview("news"))
    began = time.monotonic()
    async with da.Client(os.getenv("DURABLE_URL", "sqlite:///notify.db")) as client:
        async with da.Worker(client, [campaigns, mail, sms]):
            handle = await client.start(campaigns.run_campaign(name, "news"), id=f"{name}-{random.randrange(1000)}")
            try:
                print(await handle.result(timeout=3_600))
            except BaseException:
                await handle.cancel("stopped by hand")
            campaigns.escalate(["ops"], "campaign is done")  # expect: DUR133
    print(f"{time.monotonic() - began:.1f}s", file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
