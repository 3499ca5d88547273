import asyncio
import contextlib
from datetime import datetime, timedelta

import durable_async as da

from adtech.audiences import Audience
from adtech.bidding import STRATEGIES, Bid, Ranking, affordable, by_prefix, load_penalty


@da.activity
async def place(bid: str, cents: int) -> bool:
    return cents > 0


@da.activity
async def users_of(segment: str) -> list[str]:
    return []


@da.activity
async def show(user: str, slot: str) -> None: ...


@da.activity
async def spent(campaign: str) -> int: ...


async def reach(segments: list[str]) -> Audience:
    audience = Audience()
    for users in await asyncio.gather(*map(users_of, segments)):
        audience |= Audience(users)
    return audience


async def bid_all(slots: list[str], budget: int, strategy: str, seed: int) -> list[Bid]:
    decide = STRATEGIES[strategy]
    bids = [decide(slot, budget) for slot in slots]
    ranking = Ranking(seed, load_penalty)
    winners = ranking.best(list(affordable(bids, budget)))
    results = await asyncio.gather(*(place(bid.id, bid.cents) for bid in winners))
    return [bid for bid, won in zip(winners, results) if won]


@da.orchestrator
async def run_campaign(name: str, segments: list[str], slots: list[str], budget: int, strategy: str) -> dict[str, int]:
    audience = await reach(segments)
    won = await bid_all(slots, budget, strategy, seed=len(audience))
    for user in audience:
        await show(user, won[0].slot)
    if len(won) > 1:
        await show(audience.any_user(), won[1].slot)
    for bucket, users in audience.split(4).items():
        da.set_custom_status({"bucket": bucket, "users": len(users)})
    return by_prefix(won)


@da.orchestrator
async def pace_budget(name: str, budget: int, end: datetime) -> int:
    while True:
        used = await spent(name)
        if used >= budget or da.now() >= end:
            return used
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timedelta(hours=1).total_seconds()):
                await da.wait_for_event("boost", int)


@da.orchestrator
async def frequency_cap(segments: list[str], cap: int) -> list[str]:
    audience = await reach(segments)
    capped: set[str] = set()
    spent("cap")  # expect: DUR133
    for user in audience.ordered():
        if len(user) > cap:
            capped.add(user)
    blocked, allowed = capped & set(audience.ordered()[:cap]), capped
    for user in blocked:  # expect: DUR134
        await show(user, "none")
    return sorted(allowed)
