from __future__ import annotations

import httpx

from app.schemas import Listing
from app.settings import get_settings


class PortalClient:
    """Thin wrapper of the listing portal."""

    def __init__(self, base_url: str | None = None) -> None:
        self.base_url = base_url or get_settings().portal_url
        self._http = httpx.AsyncClient(base_url=self.base_url, timeout=15)

    async def publish(self, listing: Listing) -> str:
        response = await self._http.post("/listings", json=listing.model_dump(mode="json"))  # expect: DUR121
        response.raise_for_status()
        return response.json()["url"]

    async def withdraw(self, listing: Listing) -> None:
        try:
            await self._http.delete(f"/listings/{listing.id}")  # expect: DUR121
        except httpx.HTTPStatusError as error:
            if error.response.status_code != 404:
                raise

    async def statistics(self) -> dict:
        return (await self._http.get("/statistics")).json()

    def link(self, listing: Listing) -> httpx.URL:
        return httpx.URL(self.base_url).join(f"/l/{listing.id}")
