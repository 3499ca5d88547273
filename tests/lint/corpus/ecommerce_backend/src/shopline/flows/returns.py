"""Parcels that come back."""

import asyncio

import durable_async as da

from ..activities import notify, refund
from ..durable import workflow
from ..models import Receipt


@workflow(version="2")
async def handle_return(order_id: str, cents, email: str) -> bool:  # expect: DUR152
    try:
        async with asyncio.timeout(14 * 86_400):
            await da.wait_for_event("parcel-arrived", str)
    except TimeoutError:
        await notify(email, "your return has expired")
        return False
    task = asyncio.create_task(refund(order_id, cents))
    done, _ = await asyncio.wait({task}, timeout=3_600)
    for finished in done:
        return finished.result()
    return False


@workflow
async def watch_returns(shelf: str) -> None:
    seen = 0
    while True:  # expect: DUR151
        receipt = await da.wait_for_event("receipt", Receipt)
        seen += 1
        await notify("shelf@shop.example", f"{shelf}: {receipt.order_id} ({seen})")


@workflow
async def sweep_returns(shelf: str, round: int = 0) -> None:
    while True:
        receipt = await da.wait_for_event("receipt", Receipt)
        await notify("shelf@shop.example", f"{shelf}: {receipt.order_id}")
        round += 1
        if round % 100 == 0:
            da.continue_as_new(sweep_returns(shelf, round))
