"""Which page comes next."""

from __future__ import annotations

import asyncio
import functools
import heapq
import random
import time
from collections import deque

import trio

import durable_async as da

from . import urls
from .fetching import Page, Renderer, fetch, parse_all, resolve, robots, store_page

VISITED: set[str] = set()
PARALLEL = 8
log = da.get_logger(__name__)


class Politeness:
    """No host is asked twice within the delay."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.last: dict[str, float] = {}

    def wait_for(self, host: str) -> float:
        moment = time.monotonic()  # expect: DUR101
        wait = max(0.0, self.last.get(host, 0.0) + self.delay - moment)
        self.last[host] = moment + wait
        return wait


def priority(url: str, depth: int) -> tuple[int, float, str]:
    return (depth, random.random(), url)  # expect: DUR111


@da.orchestrator(name="crawl", version="3")
async def crawl_site(site: str, limit: int) -> int:
    polite = Politeness(1.5)
    rules = urls.rules(robots(site))
    log.info("%s is %s", site, resolve(site))
    heap = [priority(f"https://{site}/", 0)]
    stored = 0
    while heap and stored < limit:
        depth, _, url = heapq.heappop(heap)
        if url in VISITED or not rules.can_fetch("*", url):  # expect: DUR141
            continue
        VISITED.add(url)  # expect: DUR141
        await asyncio.sleep(polite.wait_for(site))
        page = await fetch(url)
        await store_page(page, f"/data/{site}")
        stored += 1
        for link in urls.links(url, page.html):
            if urls.same_site(link, site):
                heapq.heappush(heap, priority(link, depth + 1))
    return stored


@da.orchestrator
async def crawl_sitemap(site: str, paths: frozenset[str]) -> list[int]:
    queue = deque(f"https://{site}{path}" for path in paths)  # expect: DUR134
    pages: list[Page] = []
    while queue:
        batch = [queue.popleft() for _ in range(min(PARALLEL, len(queue)))]
        tasks = {asyncio.create_task(fetch(url)) for url in batch}
        done, _ = await asyncio.wait(tasks)
        pages.extend(task.result() for task in done)
        await trio.sleep(0.5)  # expect: DUR132
    for finished in asyncio.as_completed({_touch(page) for page in pages}):  # expect: DUR134
        await finished
    renderer = Renderer()
    sizes = {len(await renderer.thumbnail(page.url)) for page in pages}
    log.info("thumbnails of %d sizes", len(sizes))
    return parse_all(pages)


async def _touch(page: Page) -> None:
    await store_page(page, "/data/index")


@da.orchestrator
async def recrawl(site: str) -> None:
    total = functools.reduce(lambda a, b: a + b, [await crawl_site(site, 10), await crawl_site(site, 100)])
    exec(f"stats = {total}", {})  # expect: DUR142
    input("press enter to go on")  # expect: DUR102


@da.orchestrator(name="crawl", version="3")
async def crawl_domain(domain: str) -> int:  # expect: DUR152
    return await crawl_site(f"www.{domain}", 10_000)
