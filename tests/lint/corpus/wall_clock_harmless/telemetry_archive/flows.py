"""Archives old readings."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import durable_async as da

from . import calendar_math
from .calendar_math import Ticker, Window

if TYPE_CHECKING:
    from time import time as Clock

STARTED = time.time()


@da.activity
async def archive(day: str) -> float:
    return time.time() - STARTED


@da.orchestrator
async def archive_readings(first: str, days: int) -> list[float]:
    clock: Clock = asyncio.get_running_loop().time
    ticker = Ticker(clock)
    begin = calendar_math.parse(first)
    window = Window(begin, da.now())
    week = calendar_math.week(window.today())
    sizes = []
    for offset in calendar_math.countdown(float(days), days):
        deadline = asyncio.get_running_loop().time() + 60
        async with asyncio.timeout_at(deadline):
            sizes.append(await archive(f"{week}-{offset}"))
    moment = calendar_math.from_epoch(ticker.time())
    text = calendar_math.format_epoch(0) + calendar_math.text_of(1) + str(calendar_math.parse_local(first))
    minutes = calendar_math.opening(calendar_math.time(8, 30)) + calendar_math.quarter(moment.date())
    return sizes + [len(text), minutes, window.now().timestamp()]
