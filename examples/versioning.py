"""Change an orchestrator while instances of it are live.

For a step more or less, `da.patched`: instances that have gone past the place keep to the old
way, all others take the new one. For a rewrite, a version: an instance ends with the version that
it began with, and the worker runs both meanwhile.
"""

import asyncio
import os

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


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
async def before_the_patch(cup: str) -> list[str]:
    """As it was for years. In earnest it stands in yesterday's release, and not here any more."""
    steps = [await grind(12)]
    await da.wait_for_event("water is hot")
    steps.append(await brew(steps[0]))
    await da.wait_for_event("drunk")
    return steps


@da.orchestrator(name="make_coffee", version="1")
async def make_coffee_1(cup: str) -> list[str]:  # durable: ignore[DUR152] one of two releases
    """As it is today, with a patch."""
    steps = [await grind(12)]
    await da.wait_for_event("water is hot")
    if da.patched("warm cups"):
        steps.append(await preheat(cup))
    steps.append(await brew(steps[0]))
    await da.wait_for_event("drunk")
    return steps


@da.orchestrator(name="make_coffee", version="2")
async def make_coffee(cup: str) -> list[str]:
    """Written anew: the water heats while the beans are ground."""
    ground, _ = await asyncio.gather(grind(15), da.wait_for_event("water is hot"))
    steps = [ground, await preheat(cup)]
    steps.append(await brew(ground))
    await da.wait_for_event("drunk")
    return steps


async def until_it_waits_for(event: str, handle: da.Handle[list[str]]) -> None:
    while event not in [call.name for call in (await handle.state()).pending]:
        await asyncio.sleep(0.01)


async def main() -> None:
    async with da.Client(URL) as client:
        async with da.Worker(client, [before_the_patch, grind, brew]):
            brewed = await client.start(before_the_patch("the blue cup"))
            await brewed.raise_event("water is hot")
            await until_it_waits_for("drunk", brewed)  # it has gone past the place of the patch
            ground = await client.start(before_the_patch("the green cup"))
            await until_it_waits_for("water is hot", ground)  # it has not
        # A deploy: the new worker has the patch, and the new version beside the old one.
        async with da.Worker(client, [make_coffee_1, make_coffee, grind, preheat, brew]):
            new = await client.start(make_coffee("the red cup"))
            for handle in (ground, new):
                await handle.raise_event("water is hot")
            for handle in (brewed, ground, new):
                await handle.raise_event("drunk")
                state = await handle.wait()
                print(f"version {state.version}: {await handle.result()}")


if __name__ == "__main__":
    asyncio.run(main())
