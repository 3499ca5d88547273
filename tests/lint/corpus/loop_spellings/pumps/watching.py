"""Loops in helpers."""

import asyncio

import durable_async as da


class Watcher:
    def __init__(self, name: str) -> None:
        self.name = name
        self.level = 0

    async def run(self) -> None:
        while True:  # expect: DUR151
            self.level += await da.wait_for_event(self.name, int)

    async def ready(self) -> None:
        while True:
            if await da.wait_for_event("ready", bool):
                return


async def drain_forever(name: str) -> None:
    while True:  # expect: DUR151
        try:
            await asyncio.wait_for(da.wait_for_event(name, str), 5)
        except TimeoutError:
            continue


async def simulate(name: str) -> None:
    """The simulator's process runs this, no flow."""
    while True:
        await asyncio.sleep(1)
