"""An order: stock, payment, a confirmation by the customer, shipping."""

import asyncio
import logging

import durable_async as da

logger = logging.getLogger(__name__)


@da.activity
async def reserve(order_id: str, item: str) -> str:
    return f"{order_id}/{item}"


@da.activity(retry=da.RetryPolicy(max_attempts=3))
async def charge(order_id: str, cents: int) -> str:
    return f"paid {cents}"


@da.activity
async def refund(payment: str) -> None:
    return None


@da.activity
async def ship(order_id: str, reservations: list[str]) -> str:
    return f"shipped {len(reservations)}"


@da.activity
async def send_mail(order_id: str, text: str) -> None:
    return None


def total(items: dict[str, int]) -> int:
    return sum(items.values())


@da.orchestrator
async def checkout(order_id: str, items: dict[str, int]) -> str:
    reservations = []
    for item in items:
        reservations.append(await reserve(order_id, item))
    amount = total(items)
    payment = await charge(order_id, amount)
    await asyncio.sleep(30)
    da.set_custom_status("waiting for the customer")
    try:
        async with asyncio.timeout(3600):
            confirmed = await da.wait_for_event("confirmed", bool)
    except TimeoutError:
        confirmed = False
    if not confirmed:
        await refund(payment)
        return "refunded"
    parcel = await ship(order_id, reservations)
    await send_mail(order_id, parcel)
    return parcel
