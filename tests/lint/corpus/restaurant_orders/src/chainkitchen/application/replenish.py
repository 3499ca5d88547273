"""Use case: order what the kitchen runs out of."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator

import durable_async as da

from ..adapters.kitchen_activities import print_slip
from ..adapters.suppliers import Supplier, supplier
from ..domain.recipes import ingredients, missing, portions


@contextlib.contextmanager
def traced(name: str) -> Iterator[None]:
    print(">", name)  # expect: DUR143
    try:
        yield
    finally:
        sys.stderr.write(f"< {name}\n")  # expect: DUR143


async def order_all(source: Supplier, wanted: dict[str, int]) -> list[str]:
    slips: list[str] = []
    for sku, count in sorted(wanted.items()):
        with traced(sku):
            slips.append(await source.order(sku, count))
    return slips


@da.orchestrator
async def replenish(store: str, kind: str, dishes: list[str], stock: dict[str, int]) -> list[str]:
    source = supplier(kind, store)
    short = missing(dishes, stock)
    slips = await order_all(source, short)
    names = frozenset(short)
    await print_slip(store, str([*names]))  # expect: DUR134
    asyncio.sleep(portions(short) * 60)  # expect: DUR133
    while True:
        try:
            late = await asyncio.wait_for(da.wait_for_event("delivered", str), 86_400)
        except TimeoutError:
            slips += await order_all(source, dict.fromkeys(sorted(names), 1))
            continue
        if late not in names:
            break
    return slips


@da.orchestrator
async def stock_taking(store: str, dishes: list[str]) -> int:
    needed = ingredients(dishes)
    count = 0
    for sku in needed:  # expect: DUR134
        answer = await da.wait_for_event(f"count-{sku}", int)
        count += answer
    try:
        await print_slip(store, f"{count} pieces")
    except (OSError, asyncio.CancelledError):  # expect: DUR135
        return -1
    return count
