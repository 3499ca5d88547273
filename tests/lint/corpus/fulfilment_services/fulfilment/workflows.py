from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import datetime, timezone
from functools import partial

import durable_async as da

from .activities import load_order, mark_order, notify_customer, print_pick_list, reorder
from .domain import CUTOFF, Allocation, FulfilmentReport, Order
from .repositories import BufferAuditSink, FileAuditSink, StockSnapshotRepository
from .services import AllocationService, AuditTrail, CarrierBook, ShippingService, cutoff_for

WAREHOUSES = ("ber", "ham", "muc")
REPORTING_DSN = "postgresql://reporting.internal/stock"

log = da.get_logger(__name__)


def _rows_by_warehouse(allocations: list[Allocation]) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = defaultdict(list)
    for allocation in allocations:
        rows[allocation.warehouse].append(f"{allocation.quantity} x {allocation.sku}")
    return rows


async def _print_all(allocations: list[Allocation]) -> set[str]:
    async with asyncio.TaskGroup() as group:
        for warehouse, rows in _rows_by_warehouse(allocations).items():
            group.create_task(print_pick_list(warehouse, rows))
    return {allocation.warehouse for allocation in allocations}


@da.orchestrator
async def fulfil_order(order_id: str, express: bool = False) -> FulfilmentReport:
    order: Order = await load_order(order_id)
    trail = AuditTrail(FileAuditSink("/var/log/fulfilment/audit.jsonl"))
    allocator = AllocationService(WAREHOUSES, prefer="ber" if express else None)
    shipping = ShippingService(CarrierBook.default(), partial(datetime.now, timezone.utc))  # expect: DUR101

    allocations = await allocator.allocate(order)
    trail.note("allocated", order=order.id, warehouses=len({a.warehouse for a in allocations}))
    involved = await _print_all(allocations)
    await mark_order(order_id, f"picking in {len(involved)} places")

    try:
        async with asyncio.timeout(CUTOFF.total_seconds()):
            for warehouse in involved:  # expect: DUR134
                await da.wait_for_event(f"picked-{warehouse}", bool)
    except TimeoutError:
        notify_customer(order_id, "delayed")  # expect: DUR133
        await allocator.release(order)
        return FulfilmentReport(order.id, "released")

    shipment = await shipping.ship(order, allocations)
    mark_done = partial(mark_order, order_id)
    await mark_done("shipped")
    trail.note("shipped", order=order.id, tracking=shipment.tracking)
    return FulfilmentReport(order.id, "shipped", [shipment.tracking or "pickup"], da.now())


@da.orchestrator
async def restock_sku(sku: str, quantity: int) -> str:
    trail = AuditTrail(sink := BufferAuditSink())
    purchase = await reorder(sku, quantity)
    trail.note("reordered", purchase=purchase)
    log.info("%s: %d records", purchase, len(sink.records))
    return purchase


@da.orchestrator
async def nightly_restock(threshold: int) -> None:
    while True:  # expect: DUR151
        await da.sleep_until(cutoff_for(da.now(), 23))
        snapshot = StockSnapshotRepository(REPORTING_DSN)
        low = await snapshot.low_skus(threshold)
        await asyncio.gather(*[restock_sku(sku, threshold * 2) for sku in low])
        await da.sleep(7200)
