"""Emergency unblinding, and the data monitoring board's interim look."""

import asyncio

import durable_async as da

from .edc import Edc
from .randomise import RATIO


@da.orchestrator
async def unblind(number: str, reasons: set[str]) -> str:
    approvals = {asyncio.create_task(_approval(who)) for who in ("pi", "sponsor")}
    done, pending = await asyncio.wait(approvals, timeout=1800)
    for task in pending:
        task.cancel()
    if len(done) < len(RATIO):
        return "refused"
    arm = await Edc.reveal(number)
    return f"{arm}: {'; '.join(reasons)}"  # expect: DUR134


async def _approval(who: str) -> bool:
    try:
        return await da.wait_for_event(f"approve-{who}", bool)
    finally:
        return False  # expect: DUR135


@da.orchestrator
async def interim_look(numbers: list[str], edc_url: str) -> int:
    sites = {number.split("-")[0] for number in numbers}
    counts = await asyncio.gather(*(Edc.reveal(site) for site in sites))  # expect: DUR134
    await board(sites)
    return len(counts)


async def board(sites: set[str]) -> None:
    print("board sees", len(sites))  # expect: DUR143
    input("continue?")  # expect: DUR102


async def queries(edc: Edc, numbers: list[str]) -> dict[str, int]:
    return {n: await edc.open_queries(n) for n in numbers}


@da.orchestrator
async def data_lock(numbers: list[str]) -> int:
    import httpx
    from sqlalchemy.ext.asyncio import AsyncSession

    edc = Edc(httpx.AsyncClient(), AsyncSession())
    return sum((await queries(edc, numbers)).values())
