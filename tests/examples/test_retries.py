"""Retries, as examples/retries.py asks for them."""

import pytest
from retries import StationError, Stations, read_all

import durable_async as da
from durable_async import testing


async def readings(stations: Stations, *names: str) -> dict[str, float | None]:
    async with testing.environment([read_all, stations]) as env:
        return await (await env.client.start(read_all(list(names)))).result()


async def test_a_station_that_answers_is_asked_once() -> None:
    stations = Stations({"Brocken": 0})
    assert await readings(stations, "Brocken") == {"Brocken": 21.5}
    assert [attempt for _, attempt, _ in stations.attempts] == [1]


async def test_a_station_that_fails_is_asked_again_under_the_same_key() -> None:
    stations = Stations({"Zugspitze": 2})
    assert await readings(stations, "Zugspitze") == {"Zugspitze": 21.5}
    assert [attempt for _, attempt, _ in stations.attempts] == [1, 2, 3]
    assert len({key for _, _, key in stations.attempts}) == 1


async def test_two_calls_have_two_keys() -> None:
    stations = Stations({"Brocken": 0})
    await readings(stations, "Brocken", "Brocken")
    assert len({key for _, _, key in stations.attempts}) == 2


async def test_after_five_attempts_it_is_given_up_with_the_last_error() -> None:
    stations = Stations({"Helgoland": 99})
    assert await readings(stations, "Helgoland") == {"Helgoland": None}
    assert len(stations.attempts) == 5


async def test_a_station_that_does_not_exist_is_not_asked_again() -> None:
    stations = Stations({"Brocken": 0})
    assert await readings(stations, "Atlantis", "Brocken") == {"Atlantis": None, "Brocken": 21.5}
    assert len(stations.attempts) == 2


async def test_the_waits_between_attempts_double() -> None:
    @da.orchestrator
    async def read_and_time(station: str) -> float:
        began = da.now()
        with pytest.raises(StationError):
            await Stations.read_temperature(station)
        return (da.now() - began).total_seconds()

    async with testing.environment([read_and_time, Stations({"Helgoland": 99})]) as env:
        handle = await env.client.start(read_and_time("Helgoland"))
        waited = await handle.result()
    assert waited == pytest.approx(0.1 + 0.2 + 0.4 + 0.8)
