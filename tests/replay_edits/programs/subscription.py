"""A subscription: a charge each month, with a trial, a receipt number and a random gift."""

import os

import durable_async as da

MONTH = 30 * 86_400


def price_list() -> dict[str, int]:
    return {"basic": 500, "plus": int(os.environ.get("PLUS_PRICE", "900"))}


@da.activity
async def bill(customer: str, cents: int, receipt: str) -> int:
    return cents


@da.activity
async def gift(customer: str, number: int) -> None:
    return None


@da.activity
async def notify(customer: str, text: str) -> None:
    return None


@da.orchestrator
async def subscription(customer: str, plan: str) -> int:
    prices = da.side_effect(price_list)
    await da.sleep(14 * 86_400)
    billed = 0
    for month in range(4):
        receipt = str(da.uuid4())
        billed += await bill(customer, prices[plan], receipt)
        if da.random("gifts").random() < 2:
            await gift(customer, month)
        await da.sleep(MONTH)
    await notify(customer, f"billed {billed}")
    return billed
