"""Change an orchestrator while instances of it are live.

For a step more or less, `da.patched`: instances that have gone past the place keep to the old
way, all others take the new one. For a rewrite, a version: an instance ends with the version that
it began with, and the worker runs both meanwhile.
"""

import asyncio

import durable_async as da


@da.activity
async def grind(grams: int) -> str:
    return f"{grams} g ground"


@da.activity
async def preheat(cup: str) -> str:
    return f"{cup} is warm"


@da.activity
async def brew(coffee: str) -> str:
    return f"coffee from {coffee}"


@da.orchestrator(name="make_coffee", version="1")
async def make_coffee_1(cup: str) -> list[str]:
    """As it has been for years; a patch was added last week."""
    steps = [await grind(12)]
    await da.wait_for_event("water is hot")
    if da.patched("warm cups"):
        steps.append(await preheat(cup))
    steps.append(await brew(steps[0]))
    return steps


@da.orchestrator(name="make_coffee", version="2")
async def make_coffee(cup: str) -> list[str]:
    """Written anew: the water heats while the beans are ground."""
    ground, _ = await asyncio.gather(grind(15), da.wait_for_event("water is hot"))
    warm = await preheat(cup)
    return [ground, warm, await brew(ground)]


async def main() -> None:
    async with da.Client("sqlite://") as client:
        async with da.Worker(client, [make_coffee_1, grind, preheat, brew]):
            old = await client.start(make_coffee_1("the blue cup"))
        # A deploy: the new worker has both versions.
        async with da.Worker(client, [make_coffee_1, make_coffee, grind, preheat, brew]):
            new = await client.start(make_coffee("the red cup"))
            for handle in (old, new):
                await handle.raise_event("water is hot")
                state = await handle.wait()
                print(f"version {state.version}: {await handle.result()}")


if __name__ == "__main__":
    asyncio.run(main())
