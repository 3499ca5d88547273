"""A monitor: look now and then, until something is so, or it is too late.

The loop is the schedule, `asyncio.sleep` its interval: an hour or a day costs no process. The
weather comes from an HTTP service, asked by an activity.
"""

import asyncio
import json
import os
import urllib.request
from datetime import timedelta

from _weather_service import weather_service

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


@da.activity(retry=da.RetryPolicy(max_attempts=5), timeout=30)
def sky_over(service: str, place: str) -> str:
    """Ask the weather service. A plain `def`: it runs in a thread, and may block there."""
    with urllib.request.urlopen(f"{service}/weather?{place}", timeout=10) as answer:
        weather: dict[str, str] = json.load(answer)
    return weather["sky"]


@da.activity
async def alert(phone: str, text: str) -> None:
    print(f"to {phone}: {text}")


@da.orchestrator
async def wait_for_clear_sky(
    service: str, place: str, phone: str, every: timedelta, until: timedelta
) -> bool:
    """Alert somebody when the sky is clear. False if it did not clear up in time."""
    end = da.now() + until
    looks = 0
    while da.now() < end:
        looks += 1
        sky = await sky_over(service, place)
        da.set_custom_status({"looks": looks, "sky": sky})
        if sky == "clear":
            await alert(phone, f"the sky over {place} is clear")
            return True
        await da.sleep_until(min(da.now() + every, end))
    return False


async def main() -> None:
    functions = [wait_for_clear_sky, sky_over, alert]
    with weather_service() as service:
        async with da.Client(URL) as client, da.Worker(client, functions):
            for place, hours in (("Seattle", 6.0), ("Bergen", 0.1)):
                every, until = timedelta(seconds=0.05), timedelta(seconds=hours)
                handle = await client.start(
                    wait_for_clear_sky(service, place, "555 0100", every, until)
                )
                cleared = await handle.result()
                print(f"{place}: {'clear' if cleared else 'it goes on raining'}")


if __name__ == "__main__":
    asyncio.run(main())
