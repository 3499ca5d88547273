"""Points, vouchers and the monthly statement."""

from __future__ import annotations

import asyncio
import calendar
import os
import random
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

from . import steps
from .durable import now, wait_for_event, workflow
from .ledger_lock import PointsLedger, settle, tail_statement

TIERS = {"green": 1, "silver": 2, "gold": 3}


def tier_name(points: int) -> str:
    return max((name for name, need in TIERS.items() if points >= need * 100), key=TIERS.__getitem__, default="green")


@workflow
async def grant_points(customer: str, cents: int, formatter: Callable[[int], str]) -> str:  # expect: DUR152
    ledger = PointsLedger(customer)
    bonus = random.randrange(10)  # expect: DUR111
    points = ledger.add(cents // 100 + bonus)
    if os.getenv("LOYALTY_DOUBLE"):  # expect: DUR124
        points *= 2
    voucher = uuid.uuid1()  # expect: DUR112
    print(customer, points)  # expect: DUR143
    return f"{voucher}:{formatter(points)}"


@workflow
async def monthly_statement(customer: str) -> None:
    while True:  # expect: DUR151
        today = now().date()
        last = calendar.monthrange(today.year, today.month)[1]
        await asyncio.sleep(timedelta(days=last - today.day + 1).total_seconds())
        await steps.assign_courier(customer, "statement")
        await settle(customer)


@workflow
async def birthday(customer: str, born: date) -> str:
    try:
        gift = await wait_for_event("gift", str)
    except BaseException:  # expect: DUR135
        gift = "card"
    age = datetime.utcnow().year - born.year  # expect: DUR101
    tail = tail_statement(customer)
    return f"{gift} for {age}: {tier_name(age)} {tail}"
