"""An approval with reminders, where the fastest of several answers counts."""

import asyncio

import durable_async as da


@da.activity
async def ask_manager(manager: str, request: str) -> None:
    return None


@da.activity
async def remind(manager: str, times: int) -> None:
    return None


@da.activity
async def record(request: str, decision: str) -> str:
    return f"{request}: {decision}"


async def keep_reminding(manager: str) -> None:
    times = 0
    while True:
        await asyncio.sleep(3600)
        times += 1
        await remind(manager, times)


@da.orchestrator
async def approval(request: str, managers: list[str]) -> str:
    for manager in managers:
        await ask_manager(manager, request)
    reminders = [asyncio.create_task(keep_reminding(manager)) for manager in managers]
    decision = await da.wait_for_event("decision", str)
    for reminder in reminders:
        reminder.cancel()
    await asyncio.gather(*reminders, return_exceptions=True)
    comment = await da.wait_for_event("comment", str)
    return await record(request, f"{decision} ({comment})")
