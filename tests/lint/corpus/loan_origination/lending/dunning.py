"""Dunning: what happens when instalments stay away.

Written in a hurry for the audit in spring; to be folded into flows.py some day.
"""
import asyncio
import contextlib
import datetime
import pprint
import queue
import subprocess
from concurrent.futures import ThreadPoolExecutor

import durable_async as da
import requests

from .common.money import Money
from .services.partners import send_letter

FEES = {1: Money(0), 2: Money(500), 3: Money(1500)}
LEVELS = ("reminder", "first warning", "last warning")


class Account:
    escalated = []

    def __init__(self, number, owed, since):
        self.number = number
        self.owed = owed
        self.since = since
        self.letters = []

    def level(self, at):
        return min(3, 1 + (at - self.since).days // 14)

    def escalate(self):
        self.escalated.append(self.number)  # expect: DUR141
        self.letters.append("escalated")

    def __repr__(self):
        return f"<Account {self.number} {self.owed}>"


def release():
    """Goes into each letter, legal wants it so."""
    return subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], text=True).strip()  # expect: DUR123


def interest_rate():
    try:
        return requests.get("https://ecb.example/base-rate", timeout=5).json()["rate"]  # expect: DUR121
    except requests.RequestException:
        return 3.62


def fees_for(numbers, level):
    """Fee of each account. The fee service was slow once, hence the threads."""
    with ThreadPoolExecutor(max_workers=4) as pool:  # expect: DUR131
        futures = [pool.submit(lambda n: FEES[level], number) for number in numbers]
        return [future.result() for future in futures]  # expect: DUR102


@da.orchestrator(name="dunning")
async def dun(customer_no: str, cents: int, since: str) -> str:
    account = Account(customer_no, Money(cents), datetime.date.fromisoformat(since))
    paid = asyncio.create_task(da.wait_for_event("paid", int))
    for name in LEVELS:
        level = account.level(da.now().date())
        (fee,) = fees_for([account.number], level)
        account.owed = account.owed + fee
        lines = [name, str(account.owed), f"interest {interest_rate()} %", release()]
        await send_letter(customer_no, "dunning", lines)
        done, _ = await asyncio.wait({paid}, timeout=14 * 86_400)
        if done:
            return f"paid {paid.result()}"
    paid.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await paid
    account.escalate()
    pprint.pprint(account)  # expect: DUR143
    return "escalated"


@da.orchestrator(name="dunning")
async def dun_business(customer_no: str, cents: int) -> str:  # expect: DUR152
    """Businesses get one letter only."""
    letters = queue.Queue()  # expect: DUR131
    letters.put_nowait("statement")
    while not letters.empty():
        kind = letters.get_nowait()
        await send_letter(customer_no, kind, [str(Money(cents))])
    with contextlib.suppress(BaseException):  # expect: DUR135
        async with asyncio.timeout(30 * 86_400):
            await da.wait_for_event("paid")
            return "paid"
    return "open"


def flow_for_branch(branch: str):
    @da.orchestrator(name=f"dunning-{branch}")
    async def branch_flow(customers: list[str]) -> int:  # expect: DUR152
        for customer in customers:
            await dun(customer, 10_000, da.now().date().isoformat())
        return len(customers)

    return branch_flow
