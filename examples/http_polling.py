"""Call a service that takes its time: durable HTTP, with polling.

A service that answers 202 and a Location is asked there again, by durable timers and as often as
it says, until it has an answer. A deploy or a crash in between costs nothing.
"""

import asyncio
import os

from _weather_service import weather_service

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


@da.orchestrator
async def print_brochure(shop: str, title: str) -> str:
    """Have a brochure printed, and wait until it is."""
    answer = await da.call_http(
        "POST",
        f"{shop}/print",
        body=title.encode(),
        poll_interval=0.05,
        allow_private=True,  # this shop is on the same machine
    )
    if answer.status != 200:
        return f"{title}: the shop says {answer.status}"
    print_job: dict[str, object] = answer.json()
    return f"{title}: {print_job['state']}, {print_job['pages']} pages"


async def main() -> None:
    with weather_service() as shop:
        async with da.Client(URL) as client, da.Worker(client, [print_brochure]):
            handle = await client.start(print_brochure(shop, "Autumn"))
            print(await handle.result())
            for event in await handle.history():
                print(" ", type(event).__name__)


if __name__ == "__main__":
    asyncio.run(main())
