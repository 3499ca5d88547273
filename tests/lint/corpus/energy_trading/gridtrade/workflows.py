from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TextIO

import durable_async as workflow

from gridtrade import clock, sessions
from gridtrade.activities import TradingActivities, nominate
from gridtrade.forecast import Forecaster, position_of
from gridtrade.risk import RiskBook, exposure_lines, with_deadline
from gridtrade.shared import GATE_CLOSURE, Bid, DayAhead, Fill


@workflow.orchestrator
async def day_ahead(order: DayAhead) -> list[Fill]:
    logger = workflow.get_logger(__name__)
    if workflow.patched("risk-first"):
        RiskBook.shared().check(order)
    closing = clock.gate(order.day)
    logger.info("gate closes %s", closing)
    await workflow.sleep_until(closing - GATE_CLOSURE)
    ids = await asyncio.gather(*[TradingActivities.place(bid) for bid in order.bids])
    deadline = asyncio.get_running_loop().time() + 3600
    fills: list[Fill] = []
    while asyncio.get_running_loop().time() < deadline and len(fills) < len(ids):
        fill = await with_deadline(workflow.wait_for_event("fill", Fill), 600)
        if fill is not None:
            fills.append(fill)
    areas = {bid.area for bid in order.bids}
    lines = [exposure_lines(area, fills) for area in areas]  # expect: DUR134
    logger.info("%d lines", len(lines))
    workflow.sleep(GATE_CLOSURE)  # expect: DUR133
    return fills


@workflow.orchestrator(name="IntradayWorkflow")
async def intraday(area: str, sink: TextIO) -> None:  # expect: DUR152
    forecaster = Forecaster(area)
    while True:  # expect: DUR151
        delta = await forecaster.delta()
        if abs(delta) > 1:
            await TradingActivities.place(Bid(area, delta, position_of(area)))
        await asyncio.sleep(timedelta(minutes=15).total_seconds())


@workflow.orchestrator(name="NominationWorkflow")
async def nomination(day: str, areas: list[str]) -> dict[str, bool]:
    async with sessions.market_session(day) as market:
        done = {area: await nominate(area, day) for area in areas}
        market.close_with(done)
    nominate.options(timeout=5)("all", day)  # expect: DUR133
    return done
