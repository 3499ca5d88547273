"""A new employee: children for each account, a detached welcome tour, a note to the manager."""

import asyncio

import durable_async as da


@da.activity
async def create_account(system: str, name: str) -> str:
    return f"{name}@{system}"


@da.activity
async def order_laptop(name: str) -> str:
    return f"laptop of {name}"


@da.orchestrator
async def account(system: str, name: str) -> str:
    await asyncio.sleep(60)
    return await create_account(system, name)


@da.orchestrator
async def tour(name: str) -> None:
    await asyncio.sleep(86_400)


@da.orchestrator
async def manager() -> str:
    return await da.wait_for_event("arrived", str)


@da.orchestrator
async def onboarding(name: str, systems: list[str]) -> list[str]:
    accounts = await asyncio.gather(*[account(system, name) for system in systems])
    badge = await account.options(id=f"badge-{name}")("badges", name)
    welcome = await da.start(tour(name), id=f"tour-{name}")
    da.send_event("the-manager", "arrived", name)
    laptop = await order_laptop(name)
    await da.wait_for_event("first-day", str)
    await welcome.result()
    return [*accounts, badge, laptop]
