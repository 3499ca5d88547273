"""Handles claims."""

import durable_async as da

from .desk import Desk, assess, both


@da.orchestrator
async def handle_claim(claim: str) -> str:
    desk = Desk("north")
    await desk.close(claim)
    await desk.forgotten(claim)
    await desk.sequence(claim)
    await both(claim)
    Desk.register(claim)  # expect: DUR133
    audit_claim(claim)  # expect: DUR133
    assess(claim) == 3  # expect: DUR133
    return await desk.decide(claim) + await desk.letter(claim) + await desk.title(claim) + await desk.unless(claim)


@da.orchestrator
async def audit_claim(claim: str) -> int:
    return await assess(claim)
