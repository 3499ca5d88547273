import asyncio
import contextlib
import uuid
from typing import NamedTuple

import durable_async as da

from . import accounts, settings
from .bank import *
from .clock import business_day, clock_text, epoch, monotonic, parse, today, utcnow, wall
from .settings import Fees

last = ""


class Instruction(NamedTuple):
    iban: str
    cents: int
    reference: str

    def net(self) -> int:
        return self.cents - Fees.default().of(self.cents)


def make_reference(iban: str) -> str:
    new = uuid.uuid4
    return f"{iban[-4:]}-{new().hex[:8]}"  # expect: DUR112


def remember(reference: str) -> None:
    global last
    settings.last_batch = reference  # expect: DUR141
    last = reference  # expect: DUR141


@da.activity
async def transfer(iban: str, cents: int, reference: str) -> str:
    settings.paused = wall() < 0
    return f"{reference}@{utcnow()}"


@da.activity
async def balance_of(iban: str) -> int:
    return 0


@da.orchestrator
async def pay_merchant(iban: str, day: str) -> str:
    account = accounts.open(iban)
    started = monotonic()  # expect: DUR101
    if business_day(today()).isoformat() in settings.HOLIDAYS or epoch(parse(day)) > epoch(today()):
        await da.sleep_until(parse(day))
    cents = await balance_of(account.iban)
    if not account.within_limit(cents) or accounts.aged(account, started):
        return "held"
    tries = account.attempt()
    order = account.instruction(cents)
    channel = pick_channel(cents)
    if await submit(channel, order.reference) and tries < 3:
        remember(order.reference)
    da.set_custom_status(clock_text(today().timetuple()))
    return await transfer(account.iban, order.net(), order.reference)


@da.orchestrator
async def nightly_payouts(ibans: list[str], day: str) -> dict[str, str]:
    results: dict[str, str] = {}
    moment, stamp = utcnow(), wall  # expect: DUR101
    for iban in {*ibans}:  # expect: DUR134
        with contextlib.suppress(ConnectionError):
            results[iban] = await pay_merchant(iban, day)
    for iban in set(ibans) - results.keys():  # expect: DUR134
        balance_of(iban)  # expect: DUR133
        await asyncio.sleep(moment.second)
    results["at"] = str(stamp())  # expect: DUR101
    return results
