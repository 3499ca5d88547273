"""An orchestration without an end: each round goes on with a fresh history.

`da.continue_as_new` ends this execution and begins the next one of the same instance; what is to
be kept is passed as arguments. Events that nobody has taken yet are carried over.
"""

import asyncio
import os

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


@da.orchestrator
async def counter(value: int = 0) -> int:
    """Add up what the event "add" brings, until "stop" comes."""
    da.set_custom_status({"value": value})
    added = asyncio.create_task(da.wait_for_event("add", int))
    stopped = asyncio.create_task(da.wait_for_event("stop"))
    await asyncio.wait([added, stopped], return_when=asyncio.FIRST_COMPLETED)
    if added.done():
        da.continue_as_new(counter(value + added.result()))
    return value


async def main() -> None:
    async with da.Client(URL) as client, da.Worker(client, [counter]):
        handle = await client.start(counter())
        for number in range(1, 101):
            await handle.raise_event("add", number)
        await handle.raise_event("stop")
        print("the sum of 1 to 100 is", await handle.result())
        print("events in its history:", len(await handle.history()))


if __name__ == "__main__":
    asyncio.run(main())
