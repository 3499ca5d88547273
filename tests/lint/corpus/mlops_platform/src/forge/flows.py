"""The platform's orchestrators."""

from __future__ import annotations

import asyncio
from functools import partial

import durable_async as da

from . import gpu, parallel, plugins, sampling, storage
from .specs import Metrics, RunInfo, TrainSpec
from .steps import evaluate, publish, score_stream, train
from .tracking import TrackingMixin, best_effort, close_quietly, remote_notes, ticks


class TrainingRun(TrackingMixin):
    def __init__(self, spec: TrainSpec) -> None:
        self.spec = spec
        self.run_name = spec.dataset
        self.sampler = sampling.Sampler(spec.seed)
        self.store = storage.ArtifactStore("models")

    async def search(self) -> list[Metrics]:
        rates = [self.sampler.jitter(rate) for rate in self.sampler.grid()]
        self.note(f"{len(rates)} candidates")
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(train(self.spec, rate)) for rate in rates]
        return [task.result() for task in tasks]

    async def pick(self, candidates: list[Metrics]) -> Metrics:
        best = candidates[0]
        for index, candidate in enumerate(candidates):
            self.progress(index)
            if candidate.better_than(best):
                best = candidate
        self.metric("accuracy", best.accuracy)
        return best

    def location(self) -> str:
        if self.store.exists(self.run_name) and self.store.size(self.run_name):
            return self.store.key(self.run_name, "model.bin")
        return self.store.suffix(self.run_name)


@da.orchestrator
async def train_model(spec: TrainSpec) -> str:
    run = TrainingRun(spec)
    info = RunInfo(name=spec.dataset)
    best = await run.pick(await run.search())
    weights = run.sampler.initial_weights(gpu.workers())
    shuffle = partial(sampling.order, spec.epochs)
    if gpu.is_linux() and gpu.memory_gib() > 64 and gpu.default_workers():
        run.quiet(gpu.driver())
    with run.store.scratch() as folder:
        run.quiet(folder)
    total = await parallel.off_loop(weights) + await parallel.limited(weights, asyncio.Semaphore(2))
    publish(info)  # expect: DUR133
    return f"{run.location()} {best.loss} {total} {shuffle()} {sampling.seeded_order(3, 1)}"


@da.orchestrator
async def evaluate_model(run: str, splits: set[str]) -> dict[str, float]:
    scores = {}
    for split in splits:  # expect: DUR134
        scores[split] = (await evaluate(run, split)).accuracy
    async for minute in ticks(3):
        if minute > len(splits):
            break
    async for note in remote_notes(run):
        da.set_custom_status(note)
    await close_quietly(run)
    await best_effort(asyncio.create_task(publish(RunInfo(name=run))))
    if evaluate(run, "holdout").accuracy > 0.5:  # expect: DUR133
        scores["holdout"] = 1.0
    return scores


@da.orchestrator
async def retrain(path: str, blob: bytes, expression: str, data: str) -> int:
    trainer = plugins.load(path)()
    other = plugins.restore(blob)
    epochs = plugins.formula(expression, storage.rows(data))
    parallel.guarded(lambda: None)
    cost = parallel.in_pool([1.0, 2.0]) + await parallel.off_loop_by_hand([2.0])
    visible = gpu.visible()
    artifact = storage.ArtifactStore("models").fetch(data)
    return len(trainer.plan(epochs)) + len(other.plan(2)) + int(cost) + len(visible) + len(artifact)


@da.orchestrator
async def drift_monitor(run: str, threshold) -> None:  # expect: DUR152
    while 1:  # expect: DUR151
        scores = await score_stream(run)
        if storage.frame(scores) > threshold:
            await publish(RunInfo(name=run))
        await asyncio.sleep(3_600)
