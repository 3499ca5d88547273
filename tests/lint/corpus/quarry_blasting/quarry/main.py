import asyncio
import os

import durable_async as da

from quarry import blast, site


async def main() -> None:
    async with da.Client(os.getenv("DURABLE_URL", "sqlite://")) as client:
        async with da.Worker(client, [blast, site]):
            print(await (await client.start(blast.blast(2, 3, ["B1"]))).result())


if __name__ == "__main__":
    asyncio.run(main())
