"""Nightly training, sweeps and promotion."""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor

import durable_async as da
import torch

from . import steps
from .config import RunSpec, load_overrides, settings
from .search import STRATEGIES

log = da.get_logger(__name__)


@da.orchestrator
async def nightly_training(dataset: str, notify):  # expect: DUR152
    specs = [RunSpec(dataset, {"lr": lr} | load_overrides(dataset)) for lr in (0.1, 0.01)]
    order = torch.randperm(len(specs)).tolist()  # expect: DUR111
    models = []
    for index in order:
        models.append(await steps.fit(dataset, specs[index].params, seed=index))
    scores = await asyncio.gather(*(steps.score(model, dataset) for model in models))
    best = models[scores.index(max(scores))]
    if notify:
        log.info("best of %s is %s", dataset, best)
    steps.promote(best, "staging")  # expect: DUR133
    return best


@da.orchestrator
async def sweep(dataset: str, strategy: str, rounds: int) -> dict[str, float]:
    chosen = STRATEGIES[strategy]()
    limit = asyncio.Semaphore(settings().parallel)
    workers = os.cpu_count() or 1  # expect: DUR125
    results: dict[str, float] = {}

    async def trial(params: dict[str, float]) -> None:
        async with limit:
            spec = RunSpec(dataset, params)
            model = await steps.fit(dataset, params, seed=len(results))
            results[spec.key()] = await steps.score(model, dataset)
            chosen.remember(params)

    for _ in range(rounds):
        async with asyncio.TaskGroup() as group:
            for params in chosen.propose(workers):
                group.create_task(trial(params))
        time.sleep(1)  # expect: DUR102
    return chosen.best(lambda params: results[RunSpec(dataset, params).key()])


@da.orchestrator
async def backtest(models: list[str], datasets: set[str]) -> list[float]:
    with ThreadPoolExecutor(max_workers=4) as pool:  # expect: DUR131
        ranked = list(pool.map(len, models))
    pairs = [(model, name) for name in datasets for model in models]  # expect: DUR134
    scores = [await steps.score(model, name) for model, name in pairs]
    return scores[: max(ranked)]


@da.orchestrator
def compare(left: str, right: str) -> bool:  # expect: DUR152
    return left < right
