"""Runs the acquiring worker until it is told to stop."""

import asyncio
import os
import sys

import durable_async as da

from acquiring import activities, authorise_and_capture, settle_batch


async def serve(url: str) -> None:
    print(f"acquiring worker {os.getpid()} on {url}")
    async with da.Client(url) as client:
        worker = da.Worker(client, [authorise_and_capture, settle_batch, activities], max_activities=40)
        await worker.run()


async def resubmit(url: str, orders: set[str]) -> None:
    async with da.Client(url) as client:
        for order_id in orders:
            handle = await client.start(
                authorise_and_capture("m-1", order_id, "tok_4000", 1250, "DE"),
                id=f"payment-{order_id}",
                if_exists="attach",
            )
            print(order_id, (await handle.result()).status)


def main(argv: list[str]) -> int:
    url = os.getenv("DURABLE_URL", "sqlite:///acquiring.db")
    if len(argv) > 1 and argv[1] == "resubmit":
        asyncio.run(resubmit(url, set(argv[2:])))
    else:
        asyncio.run(serve(url))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
