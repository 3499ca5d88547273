"""The claims desk's helpers: calls that nobody awaits."""

from __future__ import annotations

import asyncio

import durable_async as da
from durable_async import wait_for_event


@da.activity
async def assess(claim: str) -> int:
    return len(claim)


@da.activity
def print_letter(claim: str) -> str:
    return claim


class Desk:
    def __init__(self, name: str) -> None:
        self.name = name
        self.open: list[str] = []

    @da.activity
    async def register(self, claim: str) -> str:
        return claim

    async def remind(self, claim: str) -> None:
        await assess(claim)

    async def close(self, claim: str) -> None:
        self.remind(claim)  # expect: DUR133
        asyncio.sleep(60)  # expect: DUR133
        await self.remind(claim)

    async def decide(self, claim: str) -> str:
        if assess(claim) > 100:  # expect: DUR133
            return "high"
        text = f"assessed: {assess(claim)}"  # expect: DUR133
        return text

    async def letter(self, claim: str) -> str:
        return print_letter(claim)[:10]  # expect: DUR133

    async def title(self, claim: str) -> str:
        return print_letter(claim).title()  # expect: DUR133

    async def forgotten(self, claim: str) -> None:
        amount = assess(claim)  # expect: DUR133
        await da.sleep(1)

    async def sequence(self, claim: str) -> None:
        wait_for_event("ready", bool)  # expect: DUR133
        da.sleep(10)  # expect: DUR133
        da.sleep_until(da.now())  # expect: DUR133
        await assess(claim)

    async def unless(self, claim: str) -> str:
        if not print_letter(claim):  # expect: DUR133
            return "empty"
        while assess.options(timeout=5)(claim):  # expect: DUR133
            return "positive"
        return "none"


async def escalate(claim: str) -> None:
    await da.sleep(3_600)


async def both(claim: str) -> None:
    escalate(claim)  # expect: DUR133
    if claim.startswith("x"):
        await escalate(claim)


def offline(claim: str) -> None:
    """No flow comes here, but a dropped activity is a mistake anywhere."""
    escalate(claim)
    assess(claim)  # expect: DUR133
