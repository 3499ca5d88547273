"""Sends signals."""

import asyncio

import durable_async as da

from . import scheduling


@da.orchestrator
async def send_signals(names: list[str]) -> list[str]:
    total = scheduling.own_time() + scheduling.other_time() + await scheduling.wait_for_groups(names)
    scheduling.threadsafe(names[0], asyncio.get_running_loop())
    lines = await scheduling.wait_for_tasks(names) + await scheduling.in_order_of_completion(names)
    lines += await scheduling.coroutines_in_order(set(names)) + await scheduling.coroutines_in_set(names)
    await scheduling.cancel_others()
    value = await asyncio.to_thread(len, names)  # expect: DUR131
    return [*lines, await scheduling.timers(names[0]), str(total + value)]
