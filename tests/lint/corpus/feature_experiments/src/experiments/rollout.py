"""Ramps a flag up while the metrics hold, and experiments on it."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

import durable_async

from experiments import stats
from experiments.flags import Flag, FlagSet
from experiments.stats import bayes
from experiments.stats.frequentist import enough, shares

STEPS = (1.0, 5.0, 25.0, 50.0, 100.0)


@durable_async.activity
async def set_flag(name: str, percent: float) -> None:
    import httpx

    async with httpx.AsyncClient(base_url=os.environ["FLAGS_URL"]) as http:
        await http.put(f"/flags/{name}", json={"percent": percent, "at": time.time()})


@durable_async.activity
async def error_rate(name: str, minutes: int) -> float:
    process = await asyncio.create_subprocess_exec("promtool", "query", name, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return float(out.decode() or 0) / minutes


@durable_async.activity
def observations(name: str, variant: str) -> list[float]:
    with open(f"/data/{name}-{variant}.txt") as lines:
        return [float(line) for line in lines]


@durable_async.orchestrator
async def ramp(name: str, users: list[str]) -> dict[str, float]:
    flags = FlagSet.load()
    flag = flags[name]
    assigned: dict[str, int] = {}
    with flags.active():
        for percent in STEPS:
            flag = flag.at(percent)
            await set_flag(name, percent)
            await durable_async.sleep(3600)
            if error_rate(name, 60) > 0.01:  # expect: DUR133
                await set_flag(name, 0.0)
                break
            for user in users:
                variant = flag.variant(user, legacy=percent < 5)
                assigned[variant] = assigned.get(variant, 0) + 1
    durable_async.set_custom_status({"mail": flags.mail_to()})
    return shares(assigned)


@durable_async.orchestrator(name="experiment", version="2025-02")
async def run_experiment(name: str, prior: bytes, max_days: int = 14) -> dict[str, Any]:
    history = bayes.restore(prior)
    chance = 0.0
    treated: list[float] = history.get("treated", [])
    for _ in range(max_days):
        control, treated = await asyncio.gather(observations(name, "off"), observations(name, "on"))
        chance = stats.posterior(control, treated)
        if enough(control, treated):
            break
        await asyncio.sleep(86_400)
    loop = asyncio.new_event_loop()  # expect: DUR131
    finished = loop.time()  # expect: DUR101
    means = bayes.bootstrap([treated])
    when = time.strftime("%Y-%m-%d %H:%M")  # expect: DUR101
    return {"chance": chance, "finished": finished, "day": when[:10], "means": means}


@durable_async.orchestrator
async def clean_up(names: list[str], grace=0) -> None:  # expect: DUR152
    stale = [Flag(name) for name in names]
    for flag in sorted(stale, key=lambda f: f.name):
        await set_flag(flag.name, 0.0)
    durable_async.get_logger(__name__).info("%d flags off", len(stale))
