"""Retries: when to ask again, how long to wait, and when to give up.

The engine keeps the attempts: a wait between two of them survives a restart, and costs no history.
An attempt may have done its work and died before it could say so; `idempotency_key`, the same for
all attempts of one call, lets the other side notice.
"""

import asyncio
import os

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


class StationError(Exception):
    """The weather station does not answer. It may, in a moment."""


class UnknownStationError(Exception):
    """There is no such weather station, and there will be none in a moment."""


class Stations:
    """Weather stations that fail a few times before they answer.

    failures: how often each does not answer. attempts: all that were made, as (station,
    number of the attempt, idempotency key).
    """

    def __init__(self, failures: dict[str, int]) -> None:
        self.failures = failures
        self.attempts: list[tuple[str, int, str]] = []

    @da.activity(
        retry=da.RetryPolicy(
            max_attempts=5,
            initial_interval=0.1,
            backoff=2.0,  # then 0.2, 0.4 and 0.8 seconds
            non_retryable=(UnknownStationError,),
        ),
        timeout=10,  # seconds, for one attempt
    )
    async def read_temperature(self, station: str) -> float:
        info = da.activity_info()
        self.attempts.append((station, info.attempt, info.idempotency_key))
        if station not in self.failures:
            raise UnknownStationError(f"no station {station!r}; take one of {list(self.failures)}")
        if info.attempt <= self.failures[station]:
            raise StationError(f"{station} does not answer")
        return 21.5


@da.orchestrator
async def read_all(stations: list[str]) -> dict[str, float | None]:
    """The temperature at each station; None where there is none to be had."""
    temperatures: dict[str, float | None] = {}
    for station in stations:
        try:
            temperatures[station] = await Stations.read_temperature(station)
        except (StationError, UnknownStationError):
            temperatures[station] = None
    return temperatures


async def main() -> None:
    stations = Stations({"Zugspitze": 2, "Brocken": 0, "Helgoland": 99})
    async with (
        da.Client(URL) as client,
        da.Worker(client, [read_all, stations]),
    ):
        handle = await client.start(read_all(["Zugspitze", "Brocken", "Helgoland", "Atlantis"]))
        for station, temperature in (await handle.result()).items():
            attempts = sum(name == station for name, _, _ in stations.attempts)
            print(f"{station}: {temperature}, attempts: {attempts}")


if __name__ == "__main__":
    asyncio.run(main())
