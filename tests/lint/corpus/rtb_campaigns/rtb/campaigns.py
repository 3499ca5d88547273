"""A campaign bids until its budget is gone."""

import asyncio
import gc
import os
import pickle
import sys
import traceback

import aiohttp
import redis.asyncio as redis
import structlog

import durable_async as da
from durable_async import orchestrator

from . import bidders, settings
from .exchange import Exchange, impressions, publish, submit

log = structlog.get_logger()


def _encode(row):
    return pickle.dumps(row, protocol=5)


def _thaw(blob: bytes):
    return pickle.loads(blob)  # expect: DUR142


def _budget(expression: str, scope: dict) -> float:
    return float(eval(expression, {"__builtins__": {}}, scope))  # expect: DUR142


def _plugin(name: str):
    __import__(name)  # expect: DUR142
    return sys.modules[name]  # expect: DUR125


async def _place(bidder: bidders.Bidder, campaign: str, impression: dict) -> float:
    cents = bidder.bid(impression)
    won = await submit(campaign, impression["placement"], cents)
    return cents if won else 0.0


@orchestrator
async def run_campaign(
    campaign: str,
    kind: str,
    blob: bytes,
    budget: float,
    session: aiohttp.ClientSession | None = None,  # expect: DUR152
) -> float:
    history: list[float] = _thaw(blob)
    if settings.is_paused(campaign):
        return 0.0
    spent = 0.0
    bidder = bidders.make(kind, history)
    try:
        while spent < budget:
            batch = await impressions(campaign, 50)
            costs = await asyncio.gather(*(_place(bidder, campaign, one) for one in batch))
            spent += sum(costs)
            log.info("batch", campaign=campaign, spent=spent)  # expect: DUR143
            if not batch:
                break
    except BaseException:  # expect: DUR135
        traceback.print_exc()  # expect: DUR143
        settings.pause(campaign)
    finally:
        gc.collect()  # expect: DUR125
    floor = 0.0
    if session is not None:
        exchange = Exchange(session, redis.Redis(host="cache"))
        floor = await exchange.floor_of(campaign)
    await publish("spent", repr((settings.region(), spent, floor)).encode())
    return spent


@orchestrator
async def plan_budget(campaign: str, formula: str, scope: dict[str, float]) -> float:
    limits = settings.settings()
    amount = min(_budget(formula, scope), limits.qps * 100.0)
    if os.path.basename(campaign) != campaign:
        raise ValueError(campaign)
    adjust = _plugin("rtb_adjust")
    return adjust.apply(amount)
