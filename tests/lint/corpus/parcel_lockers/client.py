"""Start flows by hand: python client.py P-100 hub-3 M me@example.org"""
import asyncio
import sys
import uuid

import durable_async as da

import deliver
import pickup
from settings import database_url


async def main(parcel, bank, size, customer):
    async with da.Client(database_url()) as client:
        handle = await client.start(deliver.deliver(parcel, bank, size, customer), id=f"d-{uuid.uuid4()}")
        print(await handle.result(timeout=60))
        try:
            await client.start(pickup.pickup(parcel, bank, 4, customer), id=f"p-{parcel}")
        except BaseException as error:
            print("not started", error)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
