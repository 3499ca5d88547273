from __future__ import annotations

import asyncio
from datetime import timedelta

import durable_async as da
from dunning.core import Auditable, Money, Numbered, Outcome, Stage, StageError, Stamped, percent
from dunning.invoices import customer_block, hand_over, is_paid, send_letter


class Reminder(Auditable, Stage, level=1):
    grace = timedelta(days=7)

    async def act(self) -> Outcome:
        await send_letter(self.invoice.customer, "A friendly reminder", self.describe())
        return await self.settle()

    async def settle(self) -> Outcome:
        paid = asyncio.ensure_future(da.wait_for_event("paid", bool))
        dispute = asyncio.ensure_future(da.wait_for_event("disputed", str))
        done, pending = await asyncio.wait(
            {paid, dispute}, timeout=self.grace.total_seconds(), return_when=asyncio.FIRST_COMPLETED
        )
        for task in pending:
            task.cancel()
        if dispute in done:
            return Outcome.DISPUTED
        return Outcome.PAID if paid in done or await is_paid(self.invoice.number) else Outcome.UNPAID


class FirstNotice(Numbered, Reminder, level=2):
    grace = timedelta(days=14)

    def fee(self) -> Money:
        return percent(self.invoice.amount, "1.5")

    async def act(self) -> Outcome:
        subject = f"Notice {self.stable_number('N', self.level)}"
        self.log.info("%s", self.audit(subject))
        await send_letter(self.invoice.customer, subject, self.describe())
        return await self.settle()


class FinalNotice(Stamped, FirstNotice, level=3):
    def fee(self) -> Money:
        return super().fee() + percent(self.invoice.amount, "3")

    def describe(self) -> str:
        return f"{super().describe()} - total {str(self.invoice.amount + self.fee())}"

    async def act(self) -> Outcome:
        number = self.next_number("F")
        for tag in self.invoice.tags:  # expect: DUR134
            await send_letter(self.invoice.customer, f"{number} [{tag}]", self.describe())
        return await self.settle()


class Collection(Stage, level=4):
    agencies = {"EUR": "kraus", "CHF": "tobler"}

    async def act(self) -> Outcome:
        if customer_block(self.invoice.customer):
            raise StageError("collection", "customer is blocked")
        agency = self.agencies.get(self.invoice.amount.currency, "kraus")
        try:
            await hand_over(self.invoice.number, agency)
        except BaseException:  # expect: DUR135
            self.log.exception("hand-over of %s", self.invoice)
            return Outcome.UNPAID
        return Outcome.WRITTEN_OFF


class PhonePilot(Auditable):
    """Calls the customer; started by hand from the admin shell."""

    def __init__(self, customer: str) -> None:
        self.customer = customer

    def act(self) -> Outcome:
        print("call", self.customer, self.audit_with_host("phone"))
        return Outcome.UNPAID
