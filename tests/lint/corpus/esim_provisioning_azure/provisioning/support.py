"""Small things that orchestrators and activities share."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

TRACE = Path("/tmp/esim-trace.log")


def deadline_after(moment: datetime | None, **delta: float) -> datetime:
    return (moment or datetime.now()) + timedelta(**delta)  # expect: DUR101


@cache  # expect: DUR141
def _order(pools: tuple[str, ...]) -> list[str]:
    return sorted(pools, key=len)


def pick_pool(pools: list[str]) -> str:
    index = os.getpid() % len(pools)  # expect: DUR125
    return _order(tuple(pools))[index]


def write_trace(text: str) -> None:
    with TRACE.open("a") as out:  # expect: DUR122
        print(text, file=out)  # expect: DUR143


def tail(lines: int = 10) -> list[str]:
    return TRACE.read_text().splitlines()[-lines:]
