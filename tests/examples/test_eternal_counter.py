"""An orchestration without an end, as examples/eternal_counter.py writes it."""

import pytest
from eternal_counter import counter

from durable_async import testing


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
async def test_what_is_added_is_summed_up_over_generations(rebuild: bool) -> None:
    async with testing.environment([counter], rebuild=rebuild) as env:
        handle = await env.client.start(counter())
        for number in (1, 2, 3):
            await handle.raise_event("add", number)
            await env.advance(0)
        assert (await handle.state()).custom_status == {"value": 6}
        await handle.raise_event("stop")
        assert await handle.result() == 6


async def test_events_that_come_all_at_once_are_carried_from_one_generation_to_the_next() -> None:
    async with testing.environment([counter]) as env:
        handle = await env.client.start(counter())
        for number in range(1, 101):
            await handle.raise_event("add", number)
        await handle.raise_event("stop")
        assert await handle.result() == 5_050


async def test_its_history_stays_short() -> None:
    async with testing.environment([counter]) as env:
        handle = await env.client.start(counter())
        for _ in range(50):
            await handle.raise_event("add", 1)
            await env.advance(0)
        assert len(await handle.history()) < 10


async def test_each_generation_is_an_execution_of_the_same_instance() -> None:
    async with testing.environment([counter]) as env:
        handle = await env.client.start(counter())
        first = (await handle.state()).execution_id
        await handle.raise_event("add", 1)
        await env.advance(0)
        state = await handle.state()
        assert (state.id, state.execution_id != first) == (handle.id, True)
