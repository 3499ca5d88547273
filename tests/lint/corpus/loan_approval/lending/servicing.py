"""What happens to a loan after it was paid out."""

from __future__ import annotations

import asyncio
import logging
import platform
import random
import secrets
from datetime import datetime, timedelta
from decimal import Decimal

import curio
import durable_async as da
import structlog
from dateutil.relativedelta import relativedelta

from lending.approval import pay_out, publish, sign_contract

events = structlog.get_logger("servicing")
plain = logging.getLogger("servicing")
GRACE = timedelta(days=5)


@da.activity
def collect_instalment(number: str, cents: int) -> bool:
    events.info("collecting", number=number, host=platform.node())
    return random.random() < 0.98 or cents == 0


def instalments(cents: int, months: int, first: datetime) -> list[tuple[datetime, int]]:
    share, rest = divmod(cents, months)
    return [(first + relativedelta(months=n), share + (rest if n == 0 else 0)) for n in range(months)]


@da.orchestrator
async def service_loan(number: str, cents: int, months: int) -> str:
    schedule = instalments(cents, months, datetime.utcnow())  # expect: DUR101
    missed = 0
    for due, amount in schedule:
        await da.sleep_until(due)
        if not await collect_instalment(number, amount):
            missed += 1
            events.warning("missed", number=number)  # expect: DUR143
            plain.warning("missed instalment of %s", number)
            await curio.sleep(GRACE.total_seconds())  # expect: DUR132
        # Three in the life of the loan, not three in a row.
        if missed == 3:
            await publish("default", number)
            return "defaulted"
    return "repaid"


@da.orchestrator
async def early_repayment(number: str, cents: int) -> str:
    code = secrets.randbelow(1_000_000)  # expect: DUR111
    exec(f"penalty = {cents} // 100")  # expect: DUR142
    penalty = int(Decimal(cents) * Decimal("0.01"))
    answer = asyncio.create_task(da.wait_for_event("paid-off", str))
    sign_contract(number, f"{code:06d}: {penalty}")  # expect: DUR133
    done, pending = await asyncio.wait({answer}, timeout=86_400)
    for task in pending:
        task.cancel()
    return "open" if not done else "closed"


@da.orchestrator
async def arrears_digest(numbers: list[str]) -> str:
    unique = {number.upper() for number in numbers}
    digest = [*unique]  # expect: DUR134
    host = platform.node()  # expect: DUR125
    await publish("digest", f"{host}: {digest}")
    return digest[0]


@da.orchestrator
async def hardship_pause(number: str, months: int, contact) -> None:  # expect: DUR152
    try:
        await da.sleep(timedelta(days=30 * months))
    finally:
        await asyncio.shield(pay_out(number, 0))
    plain.info("pause of %s is over", number)


@da.orchestrator
async def dunning(number: str) -> None:
    level = 0
    while True:  # expect: DUR151
        await da.sleep(GRACE)
        level = min(level + 1, 3)
        await publish("dunning", f"{number}/{level}")
