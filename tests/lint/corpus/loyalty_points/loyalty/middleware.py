"""A chain round every booking of points: each link gets the entry and the next link."""

import asyncio
import os
import random
import sys
import time
import warnings
from collections.abc import Awaitable, Callable
from functools import partial, reduce
from pprint import pprint
from typing import TypeAlias

import aiohttp
import aioitertools
import durable_async as da
import psycopg

from .ports import Campaigns, Entry

Next: TypeAlias = Callable[[Entry], Awaitable[Entry]]
Link: TypeAlias = Callable[[Entry, Next], Awaitable[Entry]]


async def trace(entry: Entry, call: Next) -> Entry:
    before = time.thread_time()  # expect: DUR101
    result = await call(entry)
    pprint({"entry": result, "took": time.thread_time() - before})  # expect: DUR143, DUR101
    return result


async def throttle(entry: Entry, call: Next) -> Entry:
    if entry.points > 10_000:
        await asyncio.sleep(60)
    elif entry.points < 0:
        warnings.warn("negative points", stacklevel=2)
    return await call(entry)


class Multiplier:
    def __init__(self, campaigns: Campaigns) -> None:
        self.campaigns = campaigns

    async def __call__(self, entry: Entry, call: Next) -> Entry:
        factor = self.campaigns.factor(entry.reason)
        return await call(Entry(entry.customer, round(entry.points * factor), entry.reason, entry.at))


class SqlCampaigns:
    dsn = os.environ.get("CAMPAIGNS", "dbname=campaigns")

    def factor(self, sku: str) -> float:
        query = "SELECT factor FROM campaigns WHERE sku = %s"
        row = psycopg.connect(self.dsn).execute(query, [sku]).fetchone()  # expect: DUR121
        return row[0] if row else 1.0


async def notify(entry: Entry, call: Next) -> Entry:
    result = await call(entry)
    async with aiohttp.ClientSession() as session:
        await session.post("https://push.example", json={"points": result.points})  # expect: DUR121
    async for part in aioitertools.iter(result.reason.split()):  # expect: DUR132
        if part == "gift":
            await da.sleep(1)
    return result


async def roulette(entry: Entry, call: Next) -> Entry:
    """Not in any chain since the regulator's letter."""
    if random.random() < 0.01:
        sys.exit(entry.reason)
    return await call(entry)


async def guard(entry: Entry, call: Next) -> Entry:
    while True:
        try:
            return await call(entry)
        except ConnectionError:
            await asyncio.sleep(5)
        except asyncio.CancelledError as error:  # expect: DUR135
            if entry.points > 0:
                raise
            da.get_logger(__name__).info("dropped %s: %r", entry, error)
            return entry


def chain(links: list[Link], last: Next) -> Next:
    return reduce(lambda inner, link: partial(link, call=inner), reversed(links), last)


def default_chain(last: Next) -> Next:
    return chain([guard, trace, throttle, Multiplier(SqlCampaigns()), notify], last)
