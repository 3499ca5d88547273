"""Crane, vessel and crew."""

from __future__ import annotations

import os
import subprocess
from email.utils import formatdate

import aiohttp
import requests

from windpark.bus import CraneBooked, WindTooStrong, subscriber
from windpark.turbines.control import call_crew

PORTS = {"esbjerg": 55.47, "cuxhaven": 53.86}


async def tide(port: str) -> float:
    async with aiohttp.ClientSession() as session:
        reply = await session.get(f"https://tides.example.com/{port}")  # expect: DUR121
        return float(reply.headers["X-Tide"])


@subscriber(CraneBooked)
async def prepare_vessel(event: CraneBooked) -> None:
    port = os.environ.get("HOME_PORT", "esbjerg")  # expect: DUR124
    if await tide(port) < 1.2:
        raise ValueError("too shallow")
    crew = await call_crew(event.turbine, event.day)
    route = subprocess.run(["seaplot", port, str(PORTS[port])], capture_output=True)  # expect: DUR123
    if route.returncode:
        raise ValueError(f"no route for {crew}, {formatdate(event.raised)}")


@subscriber(CraneBooked)
def tell_harbour(event: CraneBooked) -> None:
    requests.post("https://harbour.example.com/notice", json={"day": event.day})  # expect: DUR121


@subscriber(WindTooStrong)
def close_road(event: WindTooStrong) -> None:
    os.system(f"roadgate close {event.turbine}")  # expect: DUR123


def forecast_page() -> str:
    return requests.get("https://weather.example.com/north-sea", timeout=3).text
