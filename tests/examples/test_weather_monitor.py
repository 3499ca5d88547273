"""A monitor of the weather, as examples/weather_monitor.py has it."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from _weather_service import weather_service
from weather_monitor import alert, sky_over, wait_for_clear_sky

from durable_async import testing

HOUR = timedelta(hours=1)


class Phone:
    """What a phone is told. skies: what the service says, one answer a look."""

    def __init__(self, env: testing.Environment, skies: Iterator[str]) -> None:
        self.env = env
        self.alerts: list[str] = []
        env.replace(sky_over, lambda service, place: next(skies))
        env.replace(alert, self._alert)

    async def _alert(self, phone: str, text: str) -> None:
        self.alerts.append(text)

    async def watch(self, until: timedelta) -> bool:
        handle = await self.env.client.start(
            wait_for_clear_sky("http://weather.example", "Oslo", "555 0100", HOUR, until)
        )
        return await handle.result()


@pytest.fixture
async def env() -> AsyncIterator[testing.Environment]:
    async with testing.environment([wait_for_clear_sky, sky_over, alert]) as env:
        yield env


async def test_a_clear_sky_is_told_at_once(env: testing.Environment) -> None:
    phone = Phone(env, iter(["clear"]))
    began = env.now()
    assert await phone.watch(6 * HOUR) is True
    assert phone.alerts == ["the sky over Oslo is clear"]
    assert env.now() == began


async def test_it_looks_once_an_hour(env: testing.Environment) -> None:
    phone = Phone(env, iter(["rain", "rain", "clear"]))
    began = env.now()
    assert await phone.watch(6 * HOUR) is True
    assert env.now() - began == 2 * HOUR


async def test_it_gives_up_when_the_time_is_over(env: testing.Environment) -> None:
    phone = Phone(env, iter(["rain"] * 4))
    began = env.now()
    assert await phone.watch(3.5 * HOUR) is False
    assert phone.alerts == []
    assert env.now() - began == 3.5 * HOUR


async def test_it_speaks_to_a_real_service() -> None:
    with weather_service() as service:
        async with testing.environment([wait_for_clear_sky, sky_over, alert]) as env:
            handle = await env.client.start(
                wait_for_clear_sky(service, "Bergen", "555 0100", HOUR, 6 * HOUR)
            )
            assert await handle.result() is True
            assert (await handle.state()).custom_status == {"looks": 3, "sky": "clear"}
