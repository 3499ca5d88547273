"""From a paid order to a parcel on the truck."""

from __future__ import annotations

import asyncio
import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from durable_async import now, orchestrator, set_custom_status, wait_for_event

from fulfil.picking import PickLine, assign_pickers, label_text, plan_waves, print_label, walk_order
from fulfil.picking.labels import printer_for
from fulfil.steps import hand_over, pack, wait_for_robot
from fulfil.stock import OutOfStock, first_with_stock, release_all, reserve_all

CUT_OFF_HOUR = 16


def estimate_weight(grams_per_unit: float, line: PickLine) -> float:
    return grams_per_unit * line.quantity


@orchestrator
async def fulfil_order(order_id: str, lines: list[PickLine], destination: str) -> str:
    wanted = {line.sku: line.quantity for line in lines}
    warehouse = await first_with_stock(lines[0].sku, lines[0].quantity)
    if warehouse is None:
        return "backordered"
    async with contextlib.AsyncExitStack() as undo:
        try:
            reservations = await reserve_all(warehouse, wanted)
        except OutOfStock:
            return "backordered"
        undo.push_async_callback(release_all, reservations)
        for wave in plan_waves(lines):
            set_custom_status({"walking": [line.sku for line in walk_order(wave)]})
            await wait_for_event("wave-picked", str)
        weights = map(partial(estimate_weight, 250.0), lines)
        cartons = await pack(order_id, 1 + int(sum(weights) // 20_000))
        if await wait_for_robot(order_id) == "stuck":
            print("robot stuck on", order_id)  # expect: DUR143
            await wait_for_event("robot-cleared")
        for number, carton in enumerate(cartons, 1):
            print_label(label_text(order_id, destination, number), printer_for(number % 4))
        # From here on the goods have left the shelf.
        undo.pop_all()
    if now().hour >= CUT_OFF_HOUR:
        await asyncio.sleep(12 * 3600)
    return await hand_over(order_id, cartons, "post")


@orchestrator
async def plan_shift(open_orders: dict[str, list[PickLine]]) -> dict[str, list[int]]:
    with ThreadPoolExecutor(max_workers=2) as pool:  # expect: DUR131
        waves = list(pool.map(plan_waves, open_orders.values()))
    time.sleep(1)  # expect: DUR102
    flat = [wave for group in waves for wave in group]
    set_custom_status({"waves": len(flat)})
    return assign_pickers(flat)


@orchestrator
def close_dock(dock: int) -> str:  # expect: DUR152
    return f"dock {dock} closed"


@orchestrator
async def supervise_dock(dock: int) -> None:
    handled: set[str] = set()
    while len(handled) < 200:
        try:
            handled.add(await wait_for_event(f"truck-{dock}", str))
        except BaseException:  # expect: DUR135
            break
    while handled:
        order_id = handled.pop()  # expect: DUR134
        hand_over(order_id, [], "pallet")  # expect: DUR133
