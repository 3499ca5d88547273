"""The printing hall: plates, rolls, lorries."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable

from durable_async import now, orchestrator, sleep_until

from press.desk.activities import roll_press, send_plate

LORRIES = ("north", "south", "ring")


def loads(copies: int, lorries: Iterable[str]) -> dict[str, int]:
    names = list(lorries)
    share, rest = divmod(copies, len(names))
    return {name: share + (1 if index < rest else 0) for index, name in enumerate(names)}


def unique_pages(pages: list[str]) -> list[str]:
    return list(dict.fromkeys(pages))


def shuffle_free(pages: list[str]) -> list[str]:
    wanted = set(pages)
    wanted.discard("blank")
    ordered = list(wanted)
    ordered.sort()
    return ordered


@orchestrator
async def print_run(pages: list[str], copies: int) -> dict[str, int]:
    if not pages:
        sys.exit("nothing to print")  # expect: DUR125
    for page in unique_pages(pages):
        await send_plate(page, [page])
    for page in shuffle_free(pages):
        await send_plate(page, ["proof", page])
    await sleep_until(now().replace(hour=2, minute=0))
    good = 0
    while good < copies:
        good += await roll_press(copies - good)
    colours = set("CMYK")
    queue = asyncio.Queue[str]()
    for colour in colours:  # expect: DUR134
        queue.put_nowait(colour)
    await send_plate(await queue.get(), [])
    return loads(good, LORRIES)
