"""Changed code and live instances, as in examples/versioning.py."""

import pytest
from versioning import before_the_patch, brew, grind, main, make_coffee, make_coffee_1, preheat

from durable_async import testing

BOTH = [make_coffee_1, make_coffee, grind, preheat, brew]


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
async def test_an_instance_that_waits_before_the_patch_takes_the_new_way(rebuild: bool) -> None:
    async with testing.environment(
        [before_the_patch, grind, preheat, brew], rebuild=rebuild
    ) as env:
        handle = await env.client.start(before_the_patch("blue"))
        await env.advance(0)
        await env.deploy([make_coffee_1, grind, preheat, brew])
        await handle.raise_event("water is hot")
        await handle.raise_event("drunk")
        assert await handle.result() == [
            "12 g ground",
            "blue is warm",
            "coffee from 12 g ground",
        ]


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
async def test_an_instance_that_has_gone_past_the_patch_keeps_to_the_old_way(
    rebuild: bool,
) -> None:
    async with testing.environment(
        [before_the_patch, grind, preheat, brew], rebuild=rebuild
    ) as env:
        handle = await env.client.start(before_the_patch("blue"))
        await handle.raise_event("water is hot")
        await env.advance(0)
        await env.deploy([make_coffee_1, grind, preheat, brew])
        await handle.raise_event("drunk")
        assert await handle.result() == ["12 g ground", "coffee from 12 g ground"]


async def test_each_instance_ends_with_the_version_that_it_began_with() -> None:
    async with testing.environment(BOTH) as env:
        old = await env.client.start(make_coffee_1("blue"))
        new = await env.client.start(make_coffee("red"))
        for handle in (old, new):
            await handle.raise_event("water is hot")
            await handle.raise_event("drunk")
        assert [(await handle.wait()).version for handle in (old, new)] == ["1", "2"]
        assert (await old.result())[0] == "12 g ground"
        assert (await new.result())[0] == "15 g ground"


async def test_the_program_shows_both_ways_and_both_versions(
    capsys: pytest.CaptureFixture[str],
) -> None:
    await main()
    assert capsys.readouterr().out.splitlines() == [
        "version 1: ['12 g ground', 'coffee from 12 g ground']",
        "version 1: ['12 g ground', 'the green cup is warm', 'coffee from 12 g ground']",
        "version 2: ['15 g ground', 'the red cup is warm', 'coffee from 15 g ground']",
    ]
