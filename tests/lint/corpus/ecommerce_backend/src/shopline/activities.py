"""Everything that talks to the world."""

import asyncio
import os
import random
import time

import httpx

from .durable import DEFAULT_RETRY, step
from .models import Order, Receipt


@step(retry=DEFAULT_RETRY)
async def charge_card(order_id: str, cents: int) -> str:
    async with httpx.AsyncClient(timeout=10) as client:
        answer = await client.post(os.environ["PSP_URL"], json={"order": order_id, "cents": cents})
    print("charged", order_id, time.time())
    return answer.json()["id"]


@step
async def reserve_stock(sku: str, quantity: int) -> bool:
    await asyncio.sleep(random.uniform(0, 0.2))
    with open("/var/run/stock.lock", "a") as lock:
        lock.write(f"{sku} {quantity}\n")
    return True


@step
def render_invoice(order: Order) -> Receipt:
    time.sleep(0.1)
    return Receipt(order.id, f"inv-{random.getrandbits(32):x}")


@step
async def refund(order_id: str, cents: int) -> bool:
    try:
        async with httpx.AsyncClient() as client:
            await client.delete(f"https://psp.example/charges/{order_id}")
    except BaseException:
        return False
    return cents > 0


@step
async def notify(email: str, text: str) -> None:
    reserve_stock("mail", 1)  # expect: DUR133
    await asyncio.to_thread(print, email, text)
