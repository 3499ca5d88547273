"""Changed code and live instances, as in examples/versioning.py."""

import pytest
from versioning import brew, grind, make_coffee, make_coffee_1, preheat

import durable_async as da
from durable_async import testing

BOTH = [make_coffee_1, make_coffee, grind, preheat, brew]


@da.orchestrator(name="make_coffee", version="1")
async def before_the_patch(cup: str) -> list[str]:
    """Version 1 as it was before the cups were warmed."""
    steps = [await grind(12)]
    await da.wait_for_event("water is hot")
    steps.append(await brew(steps[0]))
    return steps


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
async def test_an_instance_that_waits_before_the_patch_takes_the_new_way(rebuild: bool) -> None:
    async with testing.environment(
        [before_the_patch, grind, preheat, brew], rebuild=rebuild
    ) as env:
        handle = await env.client.start(before_the_patch("blue"))
        await env.advance(0)
        await env.deploy([make_coffee_1, grind, preheat, brew])
        await handle.raise_event("water is hot")
        assert await handle.result() == [
            "12 g ground",
            "blue is warm",
            "coffee from 12 g ground",
        ]


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
async def test_an_instance_that_has_gone_past_the_patch_keeps_to_the_old_way(
    rebuild: bool,
) -> None:
    @da.orchestrator(name="make_coffee", version="1")
    async def before_with_a_pause(cup: str) -> list[str]:
        steps = await before_the_patch.fn(cup)
        await da.wait_for_event("drunk")
        return steps

    @da.orchestrator(name="make_coffee", version="1")
    async def patched_with_a_pause(cup: str) -> list[str]:
        steps = await make_coffee_1.fn(cup)
        await da.wait_for_event("drunk")
        return steps

    async with testing.environment(
        [before_with_a_pause, grind, preheat, brew], rebuild=rebuild
    ) as env:
        handle = await env.client.start(before_with_a_pause("blue"))
        await handle.raise_event("water is hot")
        await env.advance(0)
        await env.deploy([patched_with_a_pause, grind, preheat, brew])
        await handle.raise_event("drunk")
        assert await handle.result() == ["12 g ground", "coffee from 12 g ground"]


async def test_each_instance_ends_with_the_version_that_it_began_with() -> None:
    async with testing.environment(BOTH) as env:
        old = await env.client.start(make_coffee_1("blue"))
        new = await env.client.start(make_coffee("red"))
        for handle in (old, new):
            await handle.raise_event("water is hot")
        assert [(await handle.wait()).version for handle in (old, new)] == ["1", "2"]
        assert (await old.result())[0] == "12 g ground"
        assert (await new.result())[0] == "15 g ground"
