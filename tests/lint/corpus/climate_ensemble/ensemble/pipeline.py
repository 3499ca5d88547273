"""The ensemble, from members to a published summary."""
import asyncio
import itertools
import os.path
import time
from collections import defaultdict

import numpy as np
import pandas as pd
from durable_async import orchestrator, now, sleep

from . import tasks
from .members import Member, bootstrap, shuffle_members, stamp, year_range
from .stats import load_mask, merge_frames, quantiles, render, summarise

FORCINGS = ("ssp126", "ssp245", "ssp585")
SEEN_FORCINGS = set(FORCINGS)


def _members(n: int) -> list[Member]:
    pairs = itertools.product(FORCINGS, range(n))
    return [Member(index, seed=1000 + index, forcing=forcing) for forcing, index in pairs]


async def _gather_limited(calls, limit):
    gate = asyncio.Semaphore(limit)

    async def one(call):
        async with gate:
            return await call

    return await asyncio.gather(*(one(call) for call in calls))


@orchestrator
async def run_ensemble(size: int, days: int, variable: str) -> dict[str, float]:
    begun = now()
    members = shuffle_members(_members(size))
    paths = await _gather_limited([tasks.run_member(m, days) for m in members], limit=8)
    print(f"{len(paths)} members after {now() - begun}")  # expect: DUR143

    by_forcing = defaultdict(list)
    for member, path in zip(members, paths, strict=True):
        by_forcing[member.forcing].append(path)

    summary = {}
    for forcing in sorted(SEEN_FORCINGS):
        series = [await tasks.read_series(path, variable) for path in by_forcing[forcing]]
        flat = np.concatenate(series)
        low, mid, high = quantiles(flat)
        summary[f"{forcing}.mid"] = float(mid)
        summary[f"{forcing}.spread"] = float(high - low)
    names = [os.path.basename(path) for path in paths]
    await tasks.publish("+".join(names), summary)
    return summary


@orchestrator
async def uncertainty(paths: list[str], variable: str, samples: int) -> list[float]:
    tic = time.perf_counter()  # expect: DUR101
    values = []
    for path in paths:
        values.extend(await tasks.read_series(path, variable))
    means = bootstrap(np.array(values), samples)
    await tasks.publish("boot", {"seconds": time.perf_counter() - tic})  # expect: DUR101
    return sorted(means.tolist())


@orchestrator
async def monthly(region: str, frames: list[dict[str, float]]) -> str:
    mask = load_mask(region)
    merged = merge_frames([stamp(pd.DataFrame([f])) for f in frames])
    months = year_range("2020-01-01", "2020-12-01")
    for month in months:
        await sleep(1)
        tasks.publish(f"{region}-{month:%m}", summarise(merged["t2m"] * mask))  # expect: DUR133
    return render({"months": len(months), "rows": len(merged)})
