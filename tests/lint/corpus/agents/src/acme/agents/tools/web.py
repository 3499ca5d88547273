"""Search and pages."""

import time
from urllib.parse import quote_plus, urlsplit
from urllib.request import urlopen

import httpx

import durable_async as da
from acme.platform.telemetry import traced

BLOCKED = frozenset({"localhost", "metadata.internal"})


async def search_web(query: str, limit: int = 5) -> list[str]:
    hits = await query_index(quote_plus(query), limit)
    return [hit for hit in hits if urlsplit(hit).hostname not in BLOCKED]


@da.activity(timeout=30)
async def query_index(query: str, limit: int) -> list[str]:
    with traced("search"):
        async with httpx.AsyncClient() as client:
            answer = await client.get("https://search.example", params={"q": query, "n": limit, "t": time.time()})
    return answer.json()["urls"]


async def fetch_page(url: str) -> str:
    if urlsplit(url).hostname in BLOCKED:
        raise PermissionError(url)
    async with httpx.AsyncClient(timeout=10) as client:
        page = await client.get(url)  # expect: DUR121
    return page.text[:20_000]


def fetch_page_sync(url: str) -> bytes:
    """The crawler's."""
    with urlopen(url, timeout=10) as page:
        return page.read()
