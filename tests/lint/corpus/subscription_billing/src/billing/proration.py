"""Time-proportional differences between two plans."""

import calendar
import locale
import random
import time
from datetime import datetime, timezone
from decimal import Decimal


class BillingClock:
    """The moment a change takes effect; every computation of one change shares it."""

    def __init__(self, moment):
        self.moment = moment

    def now(self):
        return self.moment

    def time(self):
        return self.moment.timestamp()

    def today(self):
        return self.now().date()


def days_in_month(moment: datetime) -> int:
    return calendar.monthrange(moment.year, moment.month)[1]


def remaining_share(moment):
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    # The day of the change itself still belongs to the old plan.
    last = days_in_month(moment)
    return Decimal(last - moment.day) / Decimal(last)


def prorate(old_cents: int, new_cents: int, at: datetime) -> Decimal:
    """What the change costs for the rest of the month."""
    clock = BillingClock(at)
    share = remaining_share(clock.now())
    if clock.time() > time.time():  # expect: DUR101
        share = Decimal(1)
    return (Decimal(new_cents) - Decimal(old_cents)) * share


def round_to_cents(amount):
    conventions = locale.localeconv()  # expect: DUR125
    digits = conventions.get("frac_digits", 2)
    if digits > 2:
        return int(amount)
    return int(amount.to_integral_value())


def simulate_churn(customers, probability):
    """For the pricing notebook."""
    lost = [c for c in customers if random.random() < probability]
    return len(lost) / max(len(customers), 1)


def period_label(epoch_seconds: float) -> str:
    moment = time.gmtime(epoch_seconds)
    return time.strftime("%Y-%m", moment)
