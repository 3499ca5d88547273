from __future__ import annotations

import asyncio
from collections.abc import Generator
from datetime import date

import durable_async as da

from . import calendars, scoring
from .acts import invite, parse, summarise
from .calendars import Calendar, Desk, Rotating
from .core import Container


@da.orchestrator
async def screen(candidate: str, cv: str, scorer: str, formula: str) -> str:
    words = await parse(cv, "plain")
    score = scoring.SCORERS[scorer](words)
    kind = scoring.Script if formula.endswith(".py") else scoring.Formula
    score += kind(formula, base=1) @ words
    verdict = scoring.Verdict(int(score))
    if f"{summarise(cv)}" == "empty":  # expect: DUR133
        return "rejected"
    return verdict.ticket + scoring.letter(candidate)


@da.orchestrator
async def interview(candidate: str, slots: list[str], desk: bool = False) -> str | None:
    calendar = Container.get(Calendar)
    calendar.settle()
    extra = Desk() if desk else Rotating("pool")
    extra.settle()
    if isinstance(extra, Desk):
        slots = [extra.ask(), *slots]
    for slot in slots:
        if await calendar.hold(slot) and await calendar.confirm(slot):
            await invite(candidate, f"{calendar.key(slot)} {calendars.shown_now()} {calendars.shown(0.0)}")
            return slot
    return None


@da.orchestrator
async def pipeline(role: str, candidates: list[str], first: date) -> list[str]:
    inbox: asyncio.Queue[str] = asyncio.Queue()
    for name in await calendars.merged(*candidates):
        inbox.put_nowait(name)
    names = await calendars.drained(inbox)
    rounds = calendars.weeks(first, len(names))
    async with asyncio.TaskGroup() as group:
        runs = {name: group.create_task(interview(name, [day.isoformat() for day in rounds])) for name in names}
    return sorted(name for name, run in runs.items() if run.result())


@da.orchestrator
async def talent_pool(role: str, feed: Generator[str, None, None]) -> int:  # expect: DUR152
    seen: set[str] = set(feed)
    ages: set[int] = {len(name) for name in seen}
    for age in ages:
        await da.sleep(age)
    return len(seen)


@da.orchestrator
async def keep_warm(role: str, rounds: int) -> None:
    while True:
        try:
            await da.wait_for_event("ping")
        except asyncio.CancelledError:
            da.continue_as_new(keep_warm(role, rounds + 1))
        if rounds > 10:
            raise RuntimeError(role)


async def dashboard(role: str) -> str:
    interview(role, [])  # expect: DUR133
    return str(await screen.fn(role, "", "plain", "1"))
