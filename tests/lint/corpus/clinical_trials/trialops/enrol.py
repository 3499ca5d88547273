from __future__ import annotations

import asyncio
import typing as t
from datetime import date, timedelta

import durable_async as da

from .domain import Arm, Site, Subject, Visit
from .edc import Edc
from .randomise import allocate, allocate_durably, coin, kit_number

VISITS = (0, 14, 28, 56, 84)


@da.orchestrator
async def enrol_subject(site: Site, initials: str, born: int) -> str:
    subject = Subject(initials, site.code, born)
    if subject.age < 18:
        raise ValueError("too young")
    arm = allocate(site) if site.country == "DE" else allocate_durably(site)
    number = await Edc.register(subject.key, arm.value)
    kit = kit_number(site, [])
    asyncio.create_task(visit_calendar(number, kit))
    Edc.record(number, 0, {"kit": kit})  # expect: DUR133
    return number


@da.orchestrator
async def visit_calendar(number: str, kit: int) -> t.List[int]:
    done: list[int] = []
    start = da.now().date()
    for visit in (Visit(number, day) for day in VISITS):
        opens, closes = visit.bounds(start)
        await da.sleep(timedelta(days=max(0, (opens - da.now().date()).days)))
        try:
            values = await asyncio.wait_for(da.wait_for_event(f"visit-{visit.day}", dict), 3600 * 24 * 6)
        except TimeoutError:
            continue
        await Edc.record(number, visit.day, values)
        done.append(visit.day)
        if closes < date.today():  # expect: DUR101
            break
    return done


@da.orchestrator
async def tie_break(site: Site, lines: t.Generator[str, None, None]) -> Arm:  # expect: DUR152
    return coin([Arm.ACTIVE, Arm.PLACEBO])
