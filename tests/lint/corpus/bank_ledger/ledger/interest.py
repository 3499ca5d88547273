"""Monthly interest."""

import asyncio
import datetime as dt
from itertools import count

from durable_async import continue_as_new, now, orchestrator, sleep, sleep_until

from .activities import CoreBanking, alert
from .decorators import throttled


def first_of_next_month(moment: dt.datetime) -> dt.datetime:
    """Pure: works on what it is given."""
    month = moment.replace(day=28) + dt.timedelta(days=4)
    return month.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def days_left() -> int:
    today = dt.datetime.now(dt.timezone.utc)  # expect: DUR101
    return (first_of_next_month(today) - today).days


@throttled(2)
def rate_of(account: str) -> float:
    """The reporting job's; flows read the rate from the account."""
    return 0.01 if account else 0.0


@orchestrator
async def accrue_interest(account: str, month: int = 0) -> None:
    await sleep_until(first_of_next_month(now()))
    await CoreBanking.post(account, days_left())
    continue_as_new(accrue_interest(account, month + 1))


@orchestrator
async def watch_overdrafts(account: str) -> None:
    for number in count():  # expect: DUR151
        sleep(86_400)  # expect: DUR133
        await alert(f"{account}: check {number}")


@orchestrator
async def remind_debtor(account: str) -> int:
    for number in count(1):
        await asyncio.sleep(7 * 86_400)
        await alert(f"{account}: reminder {number}")
        if number == 5:
            return number
