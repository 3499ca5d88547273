from __future__ import annotations

import asyncio
import json
import logging
import math
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import durable_async as da

from . import activities as act
from .domain import MAX_PARCEL_GRAMS, Allocation, Carrier, Order, Shipment, Sku
from .ports import AuditSink, Clock

logger = logging.getLogger(__name__)


class AuditTrail:
    def __init__(self, sink: AuditSink, clock: Clock = da.now) -> None:
        self._sink = sink
        self._clock = clock

    def note(self, what: str, **details: Any) -> None:
        self._sink.write({"at": self._clock().isoformat(), "what": what, **details})


class AllocationService:
    """Chooses warehouses for the lines of an order."""

    def __init__(self, warehouses: tuple[str, ...], *, prefer: str | None = None) -> None:
        self._warehouses = warehouses
        self._prefer = prefer

    @cached_property
    def ranked(self) -> list[str]:
        return sorted(self._warehouses, key=lambda name: (name != self._prefer, name))

    async def allocate(self, order: Order) -> list[Allocation]:
        demand = order.demand()
        result: list[Allocation] = []
        for sku in order.skus():  # expect: DUR134
            result.append(await self._one(sku, demand[sku]))
        return result

    async def release(self, order: Order) -> None:
        for sku in sorted(order.skus()):
            await act.release_stock(sku, str(order.id))

    async def _one(self, sku: Sku, quantity: int) -> Allocation:
        levels = await asyncio.gather(*(act.stock_level(name, sku) for name in self.ranked))
        for name, level in zip(self.ranked, levels, strict=True):
            if level >= quantity:
                await act.reserve_stock(name, sku, quantity)
                return Allocation(sku, name, quantity)
        raise act.OutOfStock(sku)

    def bins(self, order: Order) -> list[int]:
        used: set[int] = set()
        for line in order.lines:
            used |= line.bins
        return list(used)


class CarrierBook:
    """Prices and cutoff hours of the carriers, edited by operations in a JSON file."""

    def __init__(self, table: dict[str, dict[str, int]]) -> None:
        self._table = table

    @classmethod
    def default(cls) -> CarrierBook:
        location = Path(__file__).with_name("carriers.json")
        return cls(json.loads(location.read_text(encoding="utf-8")))  # expect: DUR122

    def cost(self, carrier: Carrier, grams: int) -> int:
        prices = self._table[carrier.value]
        return prices["base"] + prices["per_kg"] * math.ceil(grams / 1000)


class ShippingService:
    def __init__(self, book: CarrierBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    def parcels(self, order: Order) -> int:
        return max(1, math.ceil(order.weight / MAX_PARCEL_GRAMS))

    async def ship(self, order: Order, allocations: list[Allocation]) -> Shipment:
        shipment = Shipment(order.id, order.carrier, allocations)
        if order.carrier.needs_label:
            target = PurePosixPath("labels") / shipment.label_key()
            shipment.tracking = await act.print_label(str(target), order.weight)
        age = self._clock() - order.placed_at
        logger.info("order %s shipped after %s for %d", order.id, age, self._book.cost(order.carrier, order.weight))
        return shipment


def cutoff_for(day: datetime, hour: int) -> datetime:
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)
