"""Gets pages: as activities, and as the old in-process fetcher."""

from __future__ import annotations

import asyncio
import os
import socket
import urllib.request
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass

import aiohttp
import dns.resolver
from playwright.async_api import Browser

import durable_async as da

AGENT = f"crawler/{os.environ.get('GIT_SHA', 'dev')}"


@dataclass
class Page:
    url: str
    status: int
    html: str
    seconds: float = 0.0


@da.activity(retry=da.RetryPolicy(max_attempts=3, jitter=0.5))
async def fetch(url: str) -> Page:
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with aiohttp.ClientSession(headers={"User-Agent": AGENT}) as session:
        async with session.get(url) as reply:
            return Page(url, reply.status, await reply.text(), loop.time() - began)


@da.activity
def store_page(page: Page, folder: str) -> str:
    os.makedirs(folder, exist_ok=True)
    target = os.path.join(folder, f"{abs(hash(page.url))}.html")
    with open(target, "w") as handle:
        handle.write(page.html)
    return target


def resolve(host: str) -> list[str]:
    try:
        return [str(r) for r in dns.resolver.resolve(host, "A")]  # expect: DUR121
    except dns.resolver.NXDOMAIN:
        return [info[4][0] for info in socket.getaddrinfo(host, 443)]  # expect: DUR121


def robots(host: str) -> str:
    return urllib.request.urlopen(f"https://{host}/robots.txt").read().decode()  # expect: DUR121


class Renderer:
    """Runs scripts of a page in a browser that the caller owns."""

    def __init__(self, browser: Browser | None = None):
        self.browser = browser

    async def screenshot(self, url: str, target: str) -> None:
        assert self.browser is not None
        page = await self.browser.new_page()
        await page.goto(url)
        await page.screenshot(path=target)

    async def thumbnail(self, target: str) -> bytes:
        process = await asyncio.create_subprocess_exec("convert", target, "-resize", "64", "-")  # expect: DUR123
        return b"" if process.returncode else target.encode()


def parse_all(pages: list[Page]) -> list[int]:
    with ProcessPoolExecutor() as pool:  # expect: DUR131
        futures: list[Future[int]] = [pool.submit(len, page.html) for page in pages]
    return [future.result() for future in futures]  # expect: DUR102
