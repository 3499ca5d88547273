from __future__ import annotations

import asyncio
import time as clock
from typing import Any

import durable_async as da

from . import house, rules
from .lots import Bid, Lot


async def _collect(lot: Lot, seconds: float, *, on_bid=None, **options: Any) -> None:
    loop = asyncio.get_running_loop()
    closing = loop.time() + seconds
    async for event in da.events("auction", dict):
        kind, bidder, cents = rules.parse(event)
        if kind == "close" or loop.time() > closing:
            return
        if kind == "withdraw":
            lot.bids = [bid for bid in lot.bids if bid.bidder != bidder]
            continue
        lot += Bid(bidder, cents)
        if on_bid is not None:
            on_bid(lot, **options)


def log_bid(lot: Lot, prefix: str = "") -> None:
    print(prefix, len(lot), lot.best())  # expect: DUR143


def count_bid(lot: Lot, totals: dict[str, int]) -> None:
    totals[lot.name] = totals.get(lot.name, 0) + 1


@da.orchestrator
async def english(name: str, reserve: int, seconds: float) -> list[str]:
    time = da.now()
    lot = Lot(name, reserve)
    totals: dict[str, int] = {}
    minimum = rules.next_minimum(reserve)
    while not lot.best() or lot.best().cents < minimum:
        await _collect(lot, seconds, on_bid=count_bid, totals=totals)
        minimum = rules.evening_minimum(minimum)
        if (da.now() - time).days > 3:
            break
    sent: list[str] = []
    lot.announce(lambda watcher, title: sent.append(f"{watcher}: {title}"))
    winner = lot.best()
    if winner is None:
        return sent
    paddle = lot.paddle()
    await house.invoice(winner.bidder, winner.cents)
    house.publish(name, f"sold to paddle {paddle}")  # expect: DUR133
    return sent


@da.orchestrator
async def sealed(name: str, bidders: list[str], seconds: float) -> str:
    lot = Lot(name, await house.appraise(name))
    started = clock.monotonic()  # expect: DUR101
    await _collect(lot, seconds, on_bid=log_bid, prefix=f"[{name}]")
    unique = {bid.sealed() for bid in lot.bids}
    ranking = [bid.bidder for bid in sorted(unique)]
    house.mail(ranking[0], "you won")
    value = await house.appraise_here(name)
    page = await house.render_catalogue(ranking)
    status = await house.publish(name, page)
    if house.invoice(ranking[0], value):  # expect: DUR133
        return f"{status} after {clock.monotonic() - started}"  # expect: DUR101
    return ""
