"""Automatic valuation: comparables, a model, and a human when they disagree."""

from __future__ import annotations

import asyncio
import random
import runpy
from datetime import timedelta
from types import SimpleNamespace

import durable_async as da
import httpx
import trio
from django.utils import timezone
from pydantic import BaseModel

from app.activities import lookup_owner, send_mail
from app.comparables import ComparableFinder, weights
from app.schemas import Listing


class Valuation(BaseModel):
    listing: str
    low: int
    high: int
    reviewed: bool = False


@da.orchestrator
async def value(listing: Listing) -> Valuation:
    clock = SimpleNamespace(now=da.now, time=lambda: da.now().timestamp())
    begun = clock.now()
    factor = runpy.run_path("/models/current.py")["FACTOR"]  # expect: DUR142
    async with httpx.AsyncClient() as http:
        quote = await http.get("https://model.example/quote")  # expect: DUR121
        if quote.status_code != httpx.codes.OK:
            raise LookupError(quote.text)
    async with trio.open_nursery() as nursery:  # expect: DUR132
        nursery.cancel_scope.deadline = 5
    near = ComparableFinder(listing.address.city).near(listing.price)
    spread = random.Random(listing.id.int).uniform(0.02, 0.05)
    low = int(listing.price * (1 - spread) * factor)
    if timezone.now() - begun > timedelta(hours=1):  # expect: DUR101
        low = 0
    owner = await lookup_owner(listing.id)
    send_mail(owner, f"between {low} and {max(near, default=low)}")  # expect: DUR133
    return Valuation(listing=str(listing.id), low=low, high=max(near, default=low))


@da.orchestrator
async def revalue(listings: list[Listing], weekly: bool) -> list[int]:
    table = weights()
    async with asyncio.TaskGroup() as group:
        tasks = {group.create_task(value(item)) for item in listings}
    results = [task.result() for task in sorted(tasks, key=lambda t: t.get_name())]
    if weekly:
        await da.sleep(timedelta(weeks=1))
        da.continue_as_new(revalue(listings, weekly))
    return [r.low for r in results if r.listing in table]
