"""Starts turbines, old and new."""

import asyncio

import durable_async as da

from . import async_side, sync_side
from .async_side import Ticket


@da.activity
def firmware(path: str) -> int:
    sync_side.nap()
    return sync_side.compile_firmware(path)


@da.orchestrator
async def start_old_turbine(path: str) -> int:
    controller = sync_side.make()
    controller.started()
    controller.changed()
    controller.ready()
    controller.push(sync_side.ask())
    sync_side.nap()
    total = controller.together() + len(controller.pull()) + sync_side.poll([0]) + sync_side.compile_firmware(path)
    return total + sync_side.settled() + sync_side.reap(1) + int(sync_side.once()) + await firmware(path)


@da.orchestrator
async def start_new_turbine(path: str) -> int:
    controller = async_side.make()
    controller.event.set()
    await controller.started()
    await controller.push(async_side.ask())
    await asyncio.gather(controller.changed(), controller.ready())
    await async_side.nap()
    task = asyncio.create_task(firmware(path))
    await asyncio.wait([task])
    ticket = Ticket(1).sleep()
    ticket.wait()
    total = await controller.together() + len(await controller.pull())
    return total + async_side.settle(task) + ticket.result() + ticket.get()
