"""A service that takes its time, as examples/http_polling.py calls it."""

import pytest
from _weather_service import weather_service
from http_polling import print_brochure

from durable_async import testing


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
async def test_it_waits_until_the_service_has_done_it(rebuild: bool) -> None:
    with weather_service() as shop:
        async with testing.environment([print_brochure], rebuild=rebuild) as env:
            handle = await env.client.start(print_brochure(shop, "Autumn"))
            assert await handle.result() == "Autumn: printed, 12 pages"


async def test_between_two_looks_it_waits_by_a_durable_timer() -> None:
    with weather_service() as shop:
        async with testing.environment([print_brochure]) as env:
            handle = await env.client.start(print_brochure(shop, "Autumn"))
            await handle.result()
            kinds = [type(event).__name__ for event in await handle.history()]
    assert kinds.count("TimerFired") >= 2
