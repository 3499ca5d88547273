from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

from . import steps
from .durable import get_logger, now, wait_for_event, workflow
from .models import Basket, Line, PickList
from .ports import FairRanking, FilePriceBook, FixedPriceBook, SeededRanking, reprice
from .substitution import all_missing, allergen_banner, allergens, first_in_stock, missing, options_for

log = get_logger(__name__)
CATALOGUE: dict[str, set[str]] = {"milk-1l": {"milk-2l", "oat-1l"}, "eggs-10": {"eggs-6"}}
ALLERGENS = {"milk-1l": {"Lactose"}, "eggs-10": {"Egg"}}


@workflow
async def deliver_basket(basket: Basket, store: str, couriers: list[str]) -> str:
    stock = set(await steps.fetch_stock(store))
    if all_missing(basket.lines, stock):
        return "nothing to deliver"
    picks = PickList(basket.order_id, list(basket.lines))
    for sku in sorted(missing(basket.lines, stock)):
        line = next(line for line in basket.lines if line.sku == sku)
        swap = first_in_stock(options_for(line, CATALOGUE), stock)
        if swap is not None:
            picks.lines.append(Line(swap, line.quantity, line.cents))
    log.info("%s: %s", allergen_banner(picks.lines, ALLERGENS), allergens(picks.lines, ALLERGENS))

    due = reprice(picks.lines, FilePriceBook(Path("/srv/grocery")))
    for courier in FairRanking().rank(couriers, store):
        if await steps.assign_courier(basket.order_id, courier):
            break
    else:
        steps.release(basket.order_id, picks.lines)  # expect: DUR133
        return "no courier"

    steps.print_note(basket.order_id)  # expect: DUR133
    if dt.datetime.now(dt.timezone.utc) > basket.slot_end():  # expect: DUR101
        return "late"
    try:
        async with asyncio.timeout_at(basket.slot_end().timestamp()):
            await wait_for_event("doorstep", bool)
    except TimeoutError:
        await steps.release(basket.order_id, picks.lines)
    return f"{basket.order_id}: {due}"


@workflow(name="grocery.restock")
async def restock_store(store: str, couriers: list[str]) -> list[str]:
    """Runs once; the schedule starts it each night."""
    started = now()
    have = set(await steps.fetch_stock(store))
    wanted = set(CATALOGUE) - have
    runs = SeededRanking().rank(couriers, store)
    cost = reprice([Line(sku, 1, 0) for sku in sorted(wanted)], FixedPriceBook({"milk-1l": 95}))
    log.info("restock %s begun %s costs %d", store, started, cost)
    tasks = [asyncio.create_task(steps.assign_courier(f"restock-{store}", name)) for name in runs[:2]]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return [runs[0]] if any(task.result() for task in done) else list(wanted)  # expect: DUR134
