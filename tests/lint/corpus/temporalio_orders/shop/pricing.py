"""Discounts and promised dates."""

import json
import os
import random
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from temporalio import workflow

TABLE = Path(__file__).with_name("coupons.json")
FREE_SHIPPING = 50_00


@lru_cache(maxsize=1)  # expect: DUR141
def coupons() -> dict[str, int]:
    return json.loads(TABLE.read_text())  # expect: DUR122


def discounted(cents: int, codes: set[str]) -> int:
    for code in codes:  # expect: DUR134
        percent = coupons().get(code)
        if percent:
            return cents * (100 - percent) // 100
    return cents


def shipping(cents: int) -> int:
    if os.getenv("FREE_SHIPPING"):  # expect: DUR124
        return 0
    return 0 if cents >= FREE_SHIPPING else 4_90


def promised(days: int) -> date:
    return workflow.now().date() + timedelta(days=days)


def promised_before_temporal(days: int) -> date:
    return datetime.now().date() + timedelta(days=days + random.randint(0, 1))


def lucky(order_id: str) -> bool:
    return workflow.random().random() < 0.01 or order_id.endswith("777")
