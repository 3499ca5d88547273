"""The sweep: draw trials, fit them in parallel, keep the best, publish."""

import asyncio
from datetime import timedelta

import durable_async as da

from .config import (
    PROCESS_TAG,
    STARTED_LABEL,
    Device,
    HyperParams,
    Platform,
    Report,
    Trial,
    platform_settings,
)
from .evaluation import Leaderboard, baseline_lift, smooth, timed, weighted
from .sampling import TrialSampler, grid, initial_noise, perturb, perturb_seeded, shuffled
from .steps import announce, export_onnx, fit, prepare, upload

PARALLEL = 4
DEPTHS = (4, 6, 8)


@timed
async def _round(trials: list[Trial], data: str, device: Device) -> list[Trial]:
    limit = asyncio.Semaphore(PARALLEL)

    async def one(trial: Trial) -> Trial:
        async with limit:
            trial.score = await fit(trial, data, device)
        return trial

    return await asyncio.gather(*map(one, trials))


async def _refine(best: Trial, data: str) -> Trial:
    candidates = [Trial(params=perturb(best.params), seed=best.seed + i) for i in range(3)]
    candidates += [Trial(id=f"{best.id}-s{i}", params=perturb_seeded(best.params, i)) for i in range(3)]
    return max(await _round(candidates, data, Device.CUDA), key=lambda t: t.score or 0.0)


@da.orchestrator(version="3")
async def sweep(dataset: str, parts: list[str], rounds: int = 2) -> Report:
    data = await prepare(dataset, parts)
    rates = TrialSampler(1e-4, 1e-2, da.random("rates"))(5)
    board = Leaderboard(size=10)

    params = shuffled(grid(DEPTHS, tuple(rates)))
    trials = [Trial(id=f"{da.info().instance_id}-{n}", params=p) for n, p in enumerate(params)]
    for trial in await _round(trials, data, Device.CPU):
        board.add(trial)
    for _ in range(rounds):
        board.add(await _refine(board.best, data))

    platform = Platform(gpu_quota=2)  # expect: DUR124
    key = await upload(board.best.id, platform.bucket)
    await announce("#ranking", f"{STARTED_LABEL}: {key} is {baseline_lift(board.best):+.3f}")  # expect: DUR101
    losses = {trial.params.loss for trial in trials}
    for loss in sorted(losses):
        await export_onnx(f"{board.best.id}-{loss}", HyperParams(loss=loss))
    return Report(best=board.best, trials=len(trials), label=dataset)


@da.orchestrator
async def calibrate(dataset: str, holdout: str) -> dict[str, float]:
    data = await prepare(dataset, [holdout])
    noise = initial_noise(9)
    draws = TrialSampler(0.0, 1.0)(3)
    scores = [await fit(Trial(id=f"cal-{i}", params=HyperParams()), data) for i, _ in enumerate(draws)]
    tag = f"{dataset}-{PROCESS_TAG}"  # expect: DUR112
    await announce("#ranking", f"{tag} in {platform_settings.region}")
    return {"weighted": await weighted(holdout, scores), "smooth": sum(smooth(noise))}


@da.orchestrator
async def retrain_weekly(dataset: str, parts: list[str], week: int = 0) -> None:
    report = await sweep(dataset, parts)
    if (report.best.score or 0.0) < 0.5:
        await announce("#ranking-alerts", f"week {week} below floor")
    await da.sleep(timedelta(days=7))
    da.continue_as_new(retrain_weekly(dataset, parts, week + 1))
