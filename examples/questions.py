"""A running instance answers questions: requests with replies, durable on both sides.

`da.requests` brings what `handle.ask` asks. The instance need not be in memory, nor any worker be
there, when somebody asks: the question waits, and so does who asked.
"""

import asyncio
import os

import attrs

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


@attrs.frozen
class Bid:
    bidder: str
    cents: int


@da.orchestrator
async def auction(item: str, seconds: float) -> Bid | None:
    """Take bids until the time is up; tell each bidder at once whether theirs leads."""
    best: Bid | None = None
    try:
        async with asyncio.timeout(seconds):
            async for request in da.requests("bid", Bid):
                bid = request.data
                if best is not None and bid.cents <= best.cents:
                    request.reject(f"{best.bidder} has offered {best.cents / 100:.2f} already")
                    continue
                best = bid
                request.reply(f"{bid.bidder} leads with {bid.cents / 100:.2f}")
    except TimeoutError:
        pass
    return best


async def main() -> None:
    async with da.Client(URL) as client, da.Worker(client, [auction]):
        handle = await client.start(auction("a lamp", 0.5))
        for bid in (Bid("Ada", 10_00), Bid("Bob", 9_00), Bid("Bob", 12_50)):
            try:
                print(await handle.ask("bid", bid, str))
            except da.RequestRejectedError as error:
                print(f"{bid.bidder} was turned down: {error}")
        print("sold:", await handle.result())


if __name__ == "__main__":
    asyncio.run(main())
