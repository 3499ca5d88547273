"""From the signed contract to the first day at work."""

import asyncio
import contextlib
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

import durable_async as da

from . import directory
from .checklist import Checklist, equipment_for
from .model import Equipment, Hire, Level

__all__ = ["onboard", "offboard", "first_weeks"]


@da.activity
async def create_account(name: str, password: str, groups: list[str]) -> str:
    return directory.search(f"(uid={name})")[0]


@da.activity
async def delete_account(name: str) -> None: ...


@da.activity
def order(item: str, budget: int) -> str:
    return f"{item}@{datetime.now():%s}"


@da.activity
async def greet(email: str, text: str) -> str: ...


@da.orchestrator
async def onboard(hire: Hire, background_check: bool = True) -> dict[str, str]:
    account = directory.AccountName(hire.name) if background_check else directory.AccountName.for_host(hire.name)
    equipment: Equipment = equipment_for(Level(hire.level))
    async with contextlib.AsyncExitStack() as undo:
        await create_account(account.value, account.initial_password(), directory.normalise(hire.teams))
        undo.push_async_callback(delete_account, account.value)
        orders = [asyncio.create_task(order(item, Level.parse("senior").budget())) for item in equipment]
        numbers = await asyncio.gather(*orders)
        morning = datetime.combine(hire.starts, time(8), tzinfo=timezone.utc)
        await da.sleep_until(morning - timedelta(days=1))
        await greet(hire.email, f"{equipment} and {directory.describe(set(hire.teams))}")
        await greet(hire.email, directory.describe(Path("welcome.pdf")))
        undo.pop_all()
    checklist = Checklist(hire)
    async for entry in checklist:
        await greet(hire.email, entry)
    return dict(zip(equipment.items, numbers))


@da.orchestrator
async def offboard(email: str, last_day: date, badge: str = "") -> bool:
    await da.sleep_until(datetime.combine(last_day, time(18), tzinfo=timezone.utc))
    if badge and greet(email, f"please return {badge}") == "returned":  # expect: DUR133
        return True
    try:
        return await asyncio.wait_for(da.wait_for_event("returned", bool), 14 * 86_400)
    except TimeoutError:
        return False
    finally:
        await delete_account(email)


@da.orchestrator
async def first_weeks(hire: Hire, week: int = 1) -> None:
    await asyncio.sleep(timedelta(weeks=1).total_seconds())
    await greet(hire.email, f"week {week}")
    if week < 6:
        da.continue_as_new(first_weeks(hire, week + 1))
