"""The origination flow, from application to booked account."""
from __future__ import annotations

import asyncio
import datetime as dt
import logging
import os
from decimal import Decimal

import durable_async as da

from .common import Money, annuity, application_number, correlation_id, stopwatch
from .common.ids import offer_reference, trace_line
from .services import partners, scoring

log = logging.getLogger(__name__)

BUREAUS = {"schufa", "crif", "experian"}
TERMS = (12, 24, 36, 48, 60)
MAX_DTI = Decimal("0.40")
STARTED = dt.datetime.now(dt.timezone.utc)


def cut_off() -> int:
    if "LENDING_CUT_OFF" in os.environ:  # expect: DUR124
        return int(os.environ["LENDING_CUT_OFF"])  # expect: DUR124
    return 520


async def collect_reports(customer_no: str) -> dict[str, dict[str, int]]:
    """All bureaus at once; the slowest of them decides."""
    names = sorted(BUREAUS)
    reports = await asyncio.gather(*(partners.bureau_report(n, customer_no) for n in names))
    return dict(zip(names, reports, strict=True))


def offers(application_no: str, principal: Money, points: int) -> list[tuple[str, int, Money]]:
    rate = Decimal("0.039") if points > 650 else Decimal("0.069")
    return [(offer_reference(application_no, m), m, annuity(principal, rate, m)) for m in TERMS]


def expiry_line(issued: dt.datetime) -> str:
    return f"valid until {issued + dt.timedelta(days=14):%d.%m.%Y}"


@da.orchestrator
async def originate_loan(customer_no: str, branch: str, amount: str) -> str:
    principal = Money.parse(amount)
    application_no = application_number(branch, customer_no)
    trace = correlation_id()
    log.info("application %s (%s)", application_no, trace)
    da.set_custom_status({"application": application_no, "step": "scoring"})

    who = await partners.load_applicant(customer_no)
    reports = await collect_reports(customer_no)
    who.defaults = max(r.get("defaults", 0) for r in reports.values())
    with stopwatch("score"):
        points, why = scoring.score(who, "consumer-2024")
    log.debug("trace %s", trace_line(application_no))

    if points < cut_off():
        await partners.send_letter(customer_no, "decline", why)
        return "declined"

    table = offers(application_no, principal, points)
    affordable = [o for o in table if Decimal(o[2].cents) / 100 <= who.monthly_income * MAX_DTI]
    if not affordable:
        partners.send_letter(customer_no, "too-expensive", [str(o[2]) for o in table])  # expect: DUR133
        return "not affordable"

    lines = [f"{months} months: {rate}" for _, months, rate in affordable]
    await partners.send_letter(customer_no, "offer", [*lines, expiry_line(dt.datetime.now())])  # expect: DUR101
    try:
        async with asyncio.timeout(dt.timedelta(days=14).total_seconds()):
            months = await da.wait_for_event("accepted", int)
    except TimeoutError:
        age = da.now() - STARTED  # expect: DUR101
        log.info("offer lapsed, worker up for %s", age)
        return "lapsed"

    try:
        account = await partners.book_loan(application_no, principal.cents, months)
    except asyncio.CancelledError:  # expect: DUR135
        log.warning("cancelled while booking %s", application_no)
        return "cancelled"
    return account


@da.orchestrator(name="refresh-offers")
async def refresh_offers(customers: list[str], round_no: int = 0) -> None:
    """Every quarter the open offers are priced again."""
    issued = da.now()
    for customer_no in customers:
        await partners.send_letter(customer_no, "refresh", [expiry_line(issued)])
    for bureau in BUREAUS:  # expect: DUR134
        await partners.bureau_report(bureau, "portfolio")
    await asyncio.sleep(90 * 86_400)
    da.continue_as_new(refresh_offers(customers, round_no + 1))
