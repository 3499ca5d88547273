"""One night of charging for a fleet."""

from __future__ import annotations

import asyncio
import platform
import uuid
from typing import TYPE_CHECKING

import durable_async as da

from voltfleet.activities import bill, read_meter, start_charging, stop_charging
from voltfleet.plugins.connectors import ENTRIES
from voltfleet.registry import load_external, strategies, tariffs

if TYPE_CHECKING:
    from voltfleet.plugins.strategies import Strategy

NIGHT = 8 * 3600


def pick_strategy(name: str) -> Strategy:
    from voltfleet.plugins import strategies as _builtin  # noqa: F401

    if name in strategies.names():
        return strategies.get(name)()
    return load_external(name).strategy()


async def one_vehicle(vehicle: str, kind: str) -> float:
    state = await ENTRIES[kind](vehicle)
    session = await start_charging(vehicle, 16)
    try:
        async with asyncio.timeout(NIGHT):
            await da.wait_for_event(f"full-{vehicle}", str)
    except asyncio.CancelledError:
        await stop_charging(session)
        raise
    except TimeoutError:
        pass
    return await read_meter(state)


@da.orchestrator
async def charge_night(fleet: str, vehicles: dict[str, int], kind: str, tariff: str, policy: str) -> dict[str, str]:
    run = uuid.uuid4()  # expect: DUR112
    strategy = pick_strategy(policy)
    total = 0.0
    for vehicle in strategy.order(vehicles):
        if strategy.remember(vehicle):
            strategy.pause()
        total += await one_vehicle(vehicle, kind)
    price = tariffs.get(tariff)
    invoice = await bill(fleet, price(total, "slow"))
    stop_charging("all")  # expect: DUR133
    return {"run": str(run), "invoice": invoice, "node": platform.node()}  # expect: DUR125


@da.orchestrator
async def charge_parallel(fleet: str, vehicles: list[str], limit: asyncio.Semaphore) -> int:  # expect: DUR152
    async with limit:
        results = await asyncio.gather(*{one_vehicle(v, "simple") for v in vehicles})  # expect: DUR134
    levels = await asyncio.gather(*{read_meter(v) for v in vehicles})
    return int(sum(results) + sum(levels))


@da.orchestrator
async def depot_loop(depot: str) -> None:
    while True:  # expect: DUR151
        vehicle = await da.wait_for_event("arrived", str)
        async with asyncio.TaskGroup() as group:
            group.create_task(one_vehicle(vehicle, "simple"))


@da.orchestrator
async def depot_day(depot: str, count: int = 0) -> int:
    while True:
        vehicle = await da.wait_for_event("arrived", str)
        if vehicle == "last":
            return count
        count += 1
        if count % 500 == 0:
            da.continue_as_new(depot_day(depot, count))
