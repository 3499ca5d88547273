"""Bus routes. Every route is an orchestrator of its own for a school year."""
import asyncio
import itertools
import random
import time
from datetime import datetime, timedelta
from uuid import uuid4

import durable_async as da
import durable_async

from district.common.letters import remind
from district.transport import depot
from district.transport.depot import Depot, assign

STOPS = {"north": ("Oak St", "Elm St"), "south": ("Dock Rd",)}


@da.orchestrator
async def route(line: str, children: set[str]) -> list[str]:
    seats = list(enumerate(children))  # expect: DUR134
    driver = random.choice(["Ann", "Bo"])  # expect: DUR111
    plan = await assign(driver, [name for _, name in seats])
    remind(driver, line)  # expect: DUR133
    depot.announce(plan)
    return sorted(children)


@da.orchestrator
async def school_year(line: str, depot: Depot) -> None:
    """`depot` here is the parameter, not the module."""
    depot.announce(line)
    for _ in itertools.count():  # expect: DUR151
        await asyncio.sleep(86_400)
        await remind(line, "tomorrow as usual")


@durable_async.orchestrator
async def snow_day(line: str) -> bool:
    if datetime.today().month not in (12, 1, 2):  # expect: DUR101
        return False
    time.sleep(2)  # expect: DUR102
    try:
        async with asyncio.timeout(timedelta(hours=1).total_seconds()):
            while not await da.wait_for_event(f"plough-{line}", bool):
                continue
    except (TimeoutError, asyncio.CancelledError):  # expect: DUR135
        return False
    ticket = f"{uuid4()}"  # expect: DUR112
    return bool(ticket)


@da.orchestrator
async def breakdown(line, passengers: int) -> str:  # expect: DUR152
    replacement = await da.start(route(line, set()), id=f"replacement-{line}")
    for attempt in itertools.count():
        if await da.wait_for_event("arrived", bool) or attempt > 3:
            break
    return replacement.id
