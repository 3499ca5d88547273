"""Adjusting claims, from the report to the payment."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import partial

import durable_async as da
import httpx

from .domain import Claim, Damage, Money, zero
from .infra.appraisers import Appraiser, NetworkAppraiser, PanelAppraiser, TableAppraiser
from .infra.audit import Trail, audited, correlation, timed_section
from .infra.injector import Injector, Lazy
from .infra.ledger import Payments, write_letter


def build() -> Injector:
    injector = Injector()
    injector.bind(TableAppraiser, lambda _: TableAppraiser())
    injector.bind(NetworkAppraiser, lambda _: NetworkAppraiser(httpx.AsyncClient(base_url="https://appraise.example")))
    injector.bind(PanelAppraiser, lambda made: PanelAppraiser(made.get(TableAppraiser), made.get(NetworkAppraiser)))
    return injector


class Adjuster:
    """Base of all adjusters; `limit` and `appraiser` are theirs."""

    limit = Money.parse("1000 EUR")

    def __init__(self, injector: Injector, trail: Trail) -> None:
        self.injector = injector
        self.trail = trail
        self.panel = Lazy(partial(injector.get, PanelAppraiser))

    def appraiser(self) -> Appraiser:
        return self.injector.get(TableAppraiser)

    async def appraise(self, claim: Claim) -> Money:
        amounts = zero()
        for damage in claim.damages:
            amounts += await self.appraiser().appraise(damage)
        return amounts

    async def ask_witnesses(self, claim: Claim) -> int:
        for name in claim.witnesses:  # expect: DUR134
            await write_letter(claim.id, f"Dear {name}")
        return len(claim.witnesses)


class ComplexAdjuster(Adjuster):
    def appraiser(self) -> Appraiser:
        return self.panel.value

    async def ask_witnesses(self, claim: Claim) -> int:
        for name in sorted(claim.witnesses):
            await write_letter(claim.id, f"Dear {name}")
        return await super().ask_witnesses(claim)


@timed_section("precheck")
def precheck(claim: Claim) -> bool:
    return claim.is_valid() and not claim.is_late()


@audited("payment")
async def settle(claim: Claim, amount: Money, trail: Trail) -> str:
    async with AsyncExitStack() as stack:
        reservation = await Payments.reserve(claim.id, amount)
        stack.push_async_callback(Payments.release, claim.id)
        with correlation(trail) as key:
            receipt = await Payments.pay(claim.id, amount)
        stack.pop_all()
    return f"{reservation} {receipt} {key}"


@da.orchestrator
async def adjust_claim(claim: Claim, complex_case: bool) -> str:
    trail = Trail(claim.id)
    if not precheck(claim):
        await write_letter(claim.id, "rejected")
        return "rejected"
    adjuster = ComplexAdjuster(build(), trail) if complex_case else Adjuster(build(), trail)
    amount = await adjuster.appraise(claim)
    await adjuster.ask_witnesses(claim)
    if amount < adjuster.limit:
        return await settle(claim, amount, trail)
    try:
        async with asyncio.timeout(7 * 86_400):
            approved = await da.wait_for_event("approval", bool)
    except TimeoutError:
        approved = False
    claim.note(f"approved: {approved}")
    return await settle(claim, amount, trail) if approved else "declined"


@da.orchestrator(version="1")
async def reopen_claims(claims: list[Claim]) -> list[str]:
    children = [asyncio.create_task(adjust_claim(claim, True)) for claim in claims]
    texts = []
    for child in asyncio.as_completed(children):
        texts.append(await child)
    parts = set().union(*(claim.parts for claim in claims))
    for damage in [Damage(part, zero()) for part in sorted(parts)]:
        await write_letter("parts", damage.part)
    write_letter("parts", f"{len(parts)} parts")  # expect: DUR133
    return texts
