"""Returns: label, parcel, refund."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import shortuuid

import durable_async as da

from .activities import load_order, notify_customer, print_label, release_stock
from .domain import Order, Sku

A = TypeVar("A", bound=Callable[..., Awaitable[Any]])
ALPHABET = "23456789ABCDEFGHJK"


def once_a_day(function: A) -> A:
    """Waits for the next full day before each call."""

    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        today = da.now().replace(hour=0, minute=0, second=0, microsecond=0)
        await da.sleep_until(today.replace(hour=23, minute=59))
        return await function(*args, **kwargs)

    return wrapper  # type: ignore[return-value]


class ReturnCase:
    reasons: tuple[str, ...] = ("damaged", "wrong size", "late")

    def __init__(self, order: Order, skus: set[Sku]) -> None:
        self.order = order
        self.skus = skus
        self.code = shortuuid.ShortUUID(alphabet=ALPHABET).random(8)  # expect: DUR112

    @functools.cached_property
    def lines(self) -> list[str]:
        return [str(line.sku) for line in self.order.lines if line.sku in self.skus]

    @property
    def first(self) -> str:
        return next(iter(self.skus))  # expect: DUR134

    @once_a_day
    async def remind(self) -> None:
        await notify_customer(str(self.order.id), f"return-{self.lines[0]}")

    async def label(self) -> str:
        label = await print_label(f"returns/{self.order.id}/{da.uuid4()}", self.order.weight)
        return f"{label}-{self.code}"


def validate(order: Order, skus: set[Sku]) -> None:
    if not skus <= order.skus():
        raise ValueError(f"{len(skus - order.skus())} foreign items")


@da.orchestrator
async def take_back(order_id: str, skus: set[Sku], reason: str) -> str:
    order = await load_order(order_id)
    validate(order, skus)
    case = ReturnCase(order, skus)
    label = await case.label()
    arrived = asyncio.create_task(da.wait_for_event(f"arrived-{label}", bool))
    while not arrived.done():
        case.remind()  # expect: DUR133
        await asyncio.wait([arrived], timeout=3 * 86_400)
    if arrived.result() and reason in ReturnCase.reasons:
        await release_stock(case.first, order_id)
    return load_order(order_id).id  # expect: DUR133
