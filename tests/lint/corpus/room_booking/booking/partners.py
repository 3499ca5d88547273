from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import asyncpg
import durable_async as da


class SoldOut(Exception):
    """No room of this kind for the whole stay."""


class CardDeclined(Exception):
    pass


@dataclass
class Hold:
    hotel: str
    room: str
    token: str


class Inventory:
    """Activities on the inventory database; an instance is given to the worker."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @da.activity(retry=da.RetryPolicy(max_attempts=4, non_retryable=(SoldOut,)))
    async def hold(self, hotel: str, kind: str, arrival: str, nights: int) -> Hold:
        token = secrets.token_hex(8)
        async with self._pool.acquire() as db:
            row = await db.fetchrow("select hold_room($1, $2, $3, $4, $5)", hotel, kind, arrival, nights, token)
        if row is None:
            raise SoldOut(f"{hotel}/{kind}")
        return Hold(hotel, row[0], token)

    @da.activity
    async def release(self, hold: Hold) -> None:
        async with self._pool.acquire() as db:
            await db.execute("delete from holds where token = $1", hold.token)

    @da.activity
    async def confirm(self, hold: Hold, guest: str) -> str:
        async with self._pool.acquire() as db:
            return await db.fetchval("select confirm_hold($1, $2)", hold.token, guest)


@da.activity(retry=da.RetryPolicy(non_retryable=(CardDeclined,)), on_lost="fail")
async def charge(guest: str, cents: int, reference: str) -> str:
    import stripe

    return stripe.PaymentIntent.create(amount=cents, customer=guest, idempotency_key=reference).id


@da.activity
async def refund(guest: str, payment: str) -> None:
    import stripe

    stripe.Refund.create(payment_intent=payment, metadata={"guest": guest})


@da.activity
async def mail(guest: str, template: str, data: dict[str, Any]) -> None:
    import aiosmtplib

    await aiosmtplib.send(f"{template}: {data}", recipients=[guest], sender="stay@hotels.example")
