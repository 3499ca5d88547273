"""Tender flows, written as one expression where that reads well."""

from __future__ import annotations

import asyncio
import itertools
from functools import partial

import durable_async as da

from tenders.fp import count_by, pipe, scan, windowed
from tenders.io.activities import fetch_bids, notify, publish, sanction_list
from tenders.stages import checks, scoring
from tenders.types import Award, Bid

QUIET = partial(asyncio.wait_for, timeout=86_400)


def standstill_days(amounts: list[int]) -> int:
    return next((days for limit, days in ((100_000, 10), (1_000_000, 15)) if sum(amounts) < limit), 20)


@da.orchestrator
async def award(tender: str, currency: str) -> Award:
    bids = await fetch_bids(tender)
    good, bad = checks.split(bids)
    await asyncio.gather(*(notify(bid.bidder, "excluded") for bid in bad))
    if any([await checks.listed(bid.bidder) for bid in good]):
        good = [bid for bid in good if await checks.slow_check(bid)]
    best = scoring.winner(good, scoring.score(good))
    totals = scan(max, (bid.amount for bid in good), 0)
    volume = scoring.in_euro(good, currency)
    await asyncio.sleep(standstill_days(totals) * 86_400)
    await publish(tender, [*scoring.lots_in_play(good), scoring.describe(best.bidder), f"{volume:.2f}"])
    return Award(tender=tender, winner=best.bidder, reason=",".join(scoring.order_of(good)))


@da.orchestrator
async def question_round(tender: str, bidders: set[str]) -> int:
    sent = 0
    for bidder, number in zip(bidders, itertools.count(1)):  # expect: DUR134
        await notify(bidder, f"question round {number}")
        sent += 1
    banned = await sanction_list()
    await asyncio.gather(*map(partial(notify, text="bye"), bidders & banned))  # expect: DUR134
    await asyncio.gather(*[notify(bidder, "hello") for bidder in sorted(bidders - banned)])
    return sent


@da.orchestrator
async def portal_watch(tender: str) -> None:
    for attempt in itertools.count():  # expect: DUR151
        size = await checks.refresh(tender)
        await asyncio.sleep(min(3600, 60 * (attempt + size)))


@da.orchestrator
async def portal_until(tender: str, wanted: int) -> dict[str, int]:
    for attempt in itertools.count():
        bids: list[Bid] = await fetch_bids(tender)
        if len(bids) >= wanted:
            break
        await QUIET(da.wait_for_event("poke"))
    pairs = windowed(sorted(bid.amount for bid in bids), 2)
    return pipe(bids, partial(count_by, lambda bid: bid.bidder[:2])) | {"pairs": len(list(pairs)), "n": attempt}


def build(prefix: str):
    @da.orchestrator(name=f"{prefix}-reminder")
    async def reminder(tender: str) -> str:  # expect: DUR152
        await notify(tender, prefix)
        return tender

    return reminder


@da.orchestrator
async def reopen(tender: str, step: asyncio.Task[None]) -> bool:  # expect: DUR152
    outcome = await portal_until(tender, 3)
    if fetch_bids(tender):  # expect: DUR133
        return bool(outcome)
    return False
