#!/usr/bin/env python
"""Explains to a parent how the lottery went."""
import asyncio
import random
import sys
import time

import durable_async as da

from district.admissions.lottery import run_lottery
from district.admissions.rank import locate, seeded_ties


async def main(instance):
    async with da.Client("postgresql://lottery") as client:
        for event in await client.handle(instance).history():
            print(time.strftime("%H:%M"), event)
        print(locate("Main Street 1"), seeded_ties(["a", "b"]))
        if "--again" in sys.argv:
            await client.start(run_lottery("P.S. 12", [str(random.random())], 1))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
