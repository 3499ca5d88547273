"""Game servers: containers on our own hosts."""

from __future__ import annotations

import asyncio
import platform
import random

import docker

import durable_async as da


@da.activity(timeout=120, retry=da.RetryPolicy(max_attempts=2))
def boot(region: str) -> str:
    container = docker.from_env().containers.run("arena/server", detach=True, labels={"region": region})
    return f"{platform.node()}/{container.id}"


@da.activity
def shutdown(address: str) -> None:
    docker.from_env().containers.get(address.rpartition("/")[2]).stop()


@da.activity(heartbeat_timeout=20)
async def run_game(address: str, home: str, away: str) -> tuple[int, int]:
    for tick in range(100):
        da.heartbeat(tick)
        await asyncio.sleep(0.1)
    return random.randint(0, 5), random.randint(0, 5)
