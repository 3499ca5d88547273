import asyncio
import os
import random
import time

import durable_async as da

from museum.money import Price, receipt
from museum.visits import book_visit


async def kiosk(url: str) -> None:
    async with da.Client(url) as client:
        while True:
            name = await asyncio.to_thread(input, "name? ")
            handle = await client.start(book_visit(name, ["main"], time.strftime("%F")), id=f"kiosk-{random.random()}")
            print(receipt(Price(1200)), await handle.result(timeout=60))


if __name__ == "__main__":
    asyncio.run(kiosk(os.environ["MUSEUM_DB"]))
