import os
from dataclasses import dataclass

import httpx
from temporalio import activity

from .shared import Move, Quote


@activity.defn
async def book_visa(move: Move) -> str:
    async with httpx.AsyncClient() as client:
        reply = await client.post(os.environ["VISA_URL"], json={"employee": move.employee})
        return reply.text


@activity.defn(name="quotes")
def collect_quotes(move: Move) -> list[Quote]:
    return [Quote("acme", 120_00), Quote("globe", 110_00)]


@dataclass
class Housing:
    client: httpx.AsyncClient

    @activity.defn
    async def reserve(self, city: str) -> str:
        return (await self.client.get(f"https://homes/{city}")).json()["id"]

    @activity.defn
    async def cancel(self, booking: str) -> None:
        activity.logger.info("cancel %s", booking)
        await self.client.delete(f"https://homes/bookings/{booking}")
