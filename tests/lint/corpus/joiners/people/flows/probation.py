"""Six months, and a talk each month."""

import asyncio
from datetime import timedelta

import durable_async as da

from people.flows.base import approval, quietly
from people.steps import send_mail

MONTH = timedelta(days=30)


def _talks(months: int) -> list[timedelta]:
    return [MONTH * number for number in range(1, months + 1)]


@da.orchestrator
async def probation(login: str, months: int = 6) -> bool:
    began = da.now()
    for after in _talks(months):
        await da.sleep_until(began + after)
        await send_mail(f"{login}@example.org", "talk", {"month": str(after.days // 30)})
        await quietly(asyncio.sleep(3600))
    return await approval("passed", days=10)


@da.orchestrator
async def remind_forever(login: str) -> None:
    while 1:  # expect: DUR151
        await da.sleep(MONTH)
        await _remind(login)


async def _remind(login: str) -> None:
    try:
        await send_mail(f"{login}@example.org", "reminder", {})
    except da.RemoteError:
        return


@da.orchestrator(name="offboard")
async def offboard_contractor(login: str) -> None:  # expect: DUR152
    await send_mail(f"{login}@example.org", "bye", {})


def make_reminder(template: str):
    @da.orchestrator
    async def reminder(login: str) -> None:  # expect: DUR152
        await send_mail(login, template, {})

    return reminder
