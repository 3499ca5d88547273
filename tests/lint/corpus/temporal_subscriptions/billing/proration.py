"""Money for a part of a period.  Shared by the workflows and the pricing page."""

import math
import time
from datetime import date, datetime

from billing.models import PRICES, Period, Plan

SECONDS_PER_DAY = 86_400


def price_for(plan: Plan, addons: list[str]) -> int:
    return PRICES[plan] + 900 * len(set(addons))


def unused_fraction(period: Period, today: date) -> float:
    left = max(0, (period.end - today).days)
    return left / period.days if period.days else 0.0


def credit_for_change(period: Period, old: Plan, new: Plan, *, today: date | None = None) -> int:
    """What the customer gets back (or pays, when negative) for the rest of the period."""
    if today is None:
        today = datetime.now().date()  # expect: DUR101
    delta = PRICES[old] - PRICES[new]
    return math.floor(delta * unused_fraction(period, today))


def seconds_until(moment: datetime, now: datetime) -> float:
    return max(0.0, (moment - now).total_seconds())


def dunning_delay(attempt: int) -> float:
    """Two days, then four, then eight."""
    return float(2**attempt * SECONDS_PER_DAY)


def stamp(moment: datetime) -> str:
    return time.strftime("%Y%m%dT%H%M%S", moment.timetuple())


def invoice_number(customer_id: str, cycle: int) -> str:
    prefix = time.strftime("%Y%m")  # expect: DUR101
    return f"{prefix}-{customer_id}-{cycle:04d}"


def quote_for_page(plan: Plan) -> dict[str, object]:
    """The pricing page's view; it is served by the API."""
    return {"plan": plan.value, "cents": PRICES[plan], "as_of": datetime.now().isoformat()}
