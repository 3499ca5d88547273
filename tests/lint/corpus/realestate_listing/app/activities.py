from datetime import datetime
from uuid import UUID, uuid4

import durable_async as da
import httpx

from app.settings import get_settings


@da.activity
async def lookup_owner(listing_id: UUID) -> str:
    async with httpx.AsyncClient(base_url=get_settings().portal_url) as http:
        return (await http.get(f"/owners/{listing_id}")).json()["name"]


@da.activity
async def book_viewing(listing_id: UUID, visitor: str, reservation: str) -> str:
    return f"{listing_id}/{visitor}/{reservation}/{datetime.now():%H%M}/{uuid4()}"


@da.activity(retry=da.RetryPolicy(max_attempts=5))
async def send_mail(to: str, body: str) -> None:
    print(to, body)
