import asyncio
import logging
from datetime import timedelta
from typing import cast

import durable_async as da

from . import people, rules, services
from .people import Person, Roster, first_contact
from .readings import Reading, Series

log = logging.getLogger("coldchain")
EVERY = timedelta(minutes=10)


async def _watch(box: str, series: Series, until) -> None:
    while da.now() < until:
        series += await services.fetch(box)
        await da.sleep(EVERY)


async def _alarm(roster: Roster, box: str) -> str | None:
    for kind, person in first_contact(roster, da.now()):
        log.warning("%s %s for %s", kind, person["name"], box)
        if await services.page(person, f"{box} is warm, {roster.local_stamp(person)}"):
            return person["name"]
    return None


@da.orchestrator
async def guard(box: str, product: str, country: str, staff: list[Person]) -> list[str]:
    series = Series()
    roster = Roster(staff)
    watcher = asyncio.create_task(_watch(box, series, da.now() + timedelta(days=2)))
    try:
        async with asyncio.timeout(timedelta(days=2).total_seconds()):
            await da.wait_for_event("arrived", bool)
    except TimeoutError:
        log.error("%s never arrived", box)
    finally:
        watcher.cancel()
    if rules.spoiled(series, product, country):
        answered = await _alarm(roster, box)
        if answered is None:
            await services.page(staff[0], roster.reminder())
        services.destroy(box, "warm")  # expect: DUR133
    if series.stale():
        return series.probes()
    return roster.asked()


@da.orchestrator
async def audit(boxes: list[str], sample: int) -> dict[str, float]:
    rng = da.random("audit")
    roster = people.Roster([], rng)
    chosen = rng.sample(boxes, k=min(sample, len(boxes)))
    rows = await asyncio.gather(*map(services.fetch, chosen), return_exceptions=True)
    means: dict[str, float] = {}
    for box, row in zip(chosen, rows):
        if isinstance(row, BaseException):
            continue
        series = Series(cast(list[Reading], row))
        means[box] = series.kinetic_mean()
    for skill in roster.skills():  # expect: DUR134
        await services.page({"name": skill, "phone": "", "zone": "UTC", "skills": []}, "audit")
    return means
