"""Readings of many devices, as examples/aggregator.py sums them up."""

import pytest
from aggregator import Figures, Sensor, close_day

import durable_async as da
from durable_async import testing


async def send(env: testing.Environment, name: str, *readings: float) -> None:
    for reading in readings:
        await env.client.signal_entity(da.entity_ref(Sensor, name), Sensor.read, reading)


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
async def test_each_sensor_has_its_figures(rebuild: bool) -> None:
    async with testing.environment([close_day, Sensor], rebuild=rebuild) as env:
        await send(env, "roof", 10.0, 20.0, 15.0)
        await send(env, "cellar", 8.0)
        day = await env.client.start(close_day(["roof", "cellar", "broken"]))
        assert await day.result() == {
            "roof": Figures(3, 10.0, 20.0, 15.0),
            "cellar": Figures(1, 8.0, 8.0, 8.0),
            "broken": None,
        }


async def test_the_next_day_begins_with_nothing() -> None:
    async with testing.environment([close_day, Sensor]) as env:
        await send(env, "roof", 10.0)
        await (await env.client.start(close_day(["roof"]))).result()
        await send(env, "roof", 30.0)
        day = await env.client.start(close_day(["roof"]))
        assert await day.result() == {"roof": Figures(1, 30.0, 30.0, 30.0)}


async def test_a_reading_that_is_none_changes_nothing() -> None:
    async with testing.environment([close_day, Sensor]) as env:
        await send(env, "roof", 10.0)
        with pytest.raises(da.SerializationError):
            await env.client.signal_entity(
                da.entity_ref(Sensor, "roof"),
                Sensor.read,
                "warm",  # type: ignore[arg-type]
            )
        await env.advance(0)
        assert await env.client.read_entity(Sensor, "roof") == Sensor(1, 10.0, 10.0, 10.0)
