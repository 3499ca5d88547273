"""Hyper-parameter search over children."""

import asyncio
import heapq
import itertools
import os
from contextvars import ContextVar
from dataclasses import dataclass

import durable_async as da

from forecasting import sources
from forecasting.functional.collections import accumulate_into, group_by
from forecasting.functional.pipes import attempt

depth: ContextVar[int] = ContextVar("depth", default=0)


@dataclass(order=True)
class Trial:
    loss: float
    alpha: float


@da.orchestrator
async def tune(sku: str, alphas: list[float], rounds=3) -> float:  # expect: DUR152
    rows = await sources.fetch_rows(sku, "2024-01-01")
    values = [float(row["units"]) for row in rows]
    heap: list[Trial] = []
    for _ in range(rounds):
        token = depth.set(depth.get() + 1)
        async with asyncio.TaskGroup() as group:
            tasks = {group.create_task(trial(sku, values, alpha)) for alpha in alphas}
        for task in tasks:
            heapq.heappush(heap, task.result())
        depth.reset(token)
        best = heap[0]
        alphas = [best.alpha * factor for factor in {0.5, 1.0, 2.0}]
        da.get_logger(__name__).info("round ends, best %s", best)
    return heap[0].alpha


async def trial(sku: str, values: list[float], alpha: float) -> Trial:
    model = await attempt(sources.fit(sku, [v * alpha for v in values]), b"")
    accumulate_into(alpha)
    loss = abs(alpha - da.random("tuning").random()) + len(model) % 7 + depth.get()
    return Trial(loss, alpha)


@da.orchestrator(name="tune-all")
async def tune_all(skus: list[str]) -> dict[str, float]:
    workers = os.cpu_count() or 4  # expect: DUR125
    queue: asyncio.Queue[str] = asyncio.Queue()
    for sku in skus:
        queue.put_nowait(sku)
    best: dict[str, float] = {}

    async def worker() -> None:
        while True:
            try:
                sku = queue.get_nowait()
            except asyncio.QueueEmpty:
                return
            best[sku] = await tune(sku, [0.1, 0.5])

    async with asyncio.timeout(7_200), asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(worker())
    return {sku: best[sku] for sku in skus}


@da.orchestrator(name="tune-all")
async def tune_category(category: str) -> dict[str, float]:  # expect: DUR152
    members = group_by([category], str.lower)
    return await tune_all([sku for group in members.values() for sku in group])


@da.orchestrator
async def watch_drift(sku: str, threshold: float) -> None:
    previous = 0.0
    for round_number in itertools.count():  # expect: DUR151
        alpha = await tune(sku, [0.1, 0.2], rounds=1)
        if abs(alpha - previous) > threshold:
            da.send_event("operations", "drift", {"sku": sku, "round": round_number})
        previous = alpha
        await asyncio.sleep(86_400)


@da.orchestrator
async def watch_sales(sku: str, since: str, silent_days: int = 0) -> str:
    while True:
        rows = await sources.fetch_rows(sku, since)
        silent_days = 0 if rows else silent_days + 1
        if silent_days > 30:
            return "discontinued"
        await da.sleep(86_400)
        if da.info().history_length > 5_000:
            da.continue_as_new(watch_sales(sku, since, silent_days))


@da.orchestrator
def tune_one(sku: str) -> float:  # expect: DUR152
    return 0.0
