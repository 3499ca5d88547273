"""A report over many regions: fan out, take results as they come, summarise."""

import asyncio

import durable_async as da


@da.activity
async def regions() -> list[str]:
    return ["north", "south", "west"]


@da.activity
async def count_orders(region: str) -> int:
    return len(region)


@da.activity
async def count_returns(region: str) -> int:
    return 1


@da.activity
async def render(title: str, numbers: list[int]) -> str:
    return f"{title}: {numbers}"


@da.activity
async def publish(text: str) -> str:
    return f"published {text}"


async def orders_of(names: list[str]) -> list[int]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(count_orders(name)) for name in names]
    return [task.result() for task in tasks]


@da.orchestrator
async def report(title: str) -> str:
    names = await regions()
    orders = await orders_of(names)
    returns = await asyncio.gather(*[count_returns(name) for name in names])
    numbers = [a - b for a, b in zip(orders, returns, strict=True)]
    draft = await render(title, numbers)
    await da.wait_for_event("go", str)
    first, second = asyncio.create_task(publish(draft)), asyncio.create_task(asyncio.sleep(5))
    await asyncio.wait([first, second])
    return first.result()
