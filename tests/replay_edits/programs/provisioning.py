"""A saga: each step with its undoing, on a stack; the last one tries twice."""

import asyncio
from contextlib import AsyncExitStack

import durable_async as da


class NoCapacity(Exception):
    pass


@da.activity
async def create_network(name: str) -> str:
    return f"net-{name}"


@da.activity
async def delete_network(network: str) -> None:
    return None


@da.activity
async def create_disk(name: str, size: int) -> str:
    return f"disk-{name}-{size}"


@da.activity
async def delete_disk(disk: str) -> None:
    return None


@da.activity
async def boot(network: str, disk: str, zone: str) -> str:
    if zone == "a":
        raise NoCapacity(zone)
    return f"{network}+{disk}@{zone}"


@da.orchestrator
async def provisioning(name: str, size: int) -> str:
    async with AsyncExitStack() as undo:
        network = await create_network(name)
        undo.push_async_callback(delete_network, network)
        disk = await create_disk(name, size)
        undo.push_async_callback(delete_disk, disk)
        for zone in ("a", "b"):
            try:
                machine = await boot(network, disk, zone)
                break
            except NoCapacity:
                await asyncio.sleep(15)
        await asyncio.sleep(120)
        if await da.wait_for_event("keep", bool):
            undo.pop_all()
    return machine
