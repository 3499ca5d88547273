from __future__ import annotations

import asyncio
import concurrent.futures
import os
import sys
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from . import cluster
    from .search import Space, init_weights, names, objective, reseeded, thaw
    from .tracking import timed, tracked

    import litellm

HOUR = timedelta(hours=1)
_best: dict[str, float] = {}


@timed
def _rank(scores: list[float]) -> list[int]:
    return sorted(range(len(scores)), key=scores.__getitem__, reverse=True)


def _history(model: str) -> float:
    return _best.get(model, 0.0)  # expect: DUR141


async def _explain(score: float) -> str:
    answer = await litellm.acompletion(model="small", messages=[{"role": "user", "content": str(score)}])  # expect: DUR121
    return answer.choices[0].message.content


def _parallel(values: list[float]) -> float:
    executor = concurrent.futures.ProcessPoolExecutor()  # expect: DUR131
    future = executor.submit(sum, values)
    return future.result()  # expect: DUR102


@workflow.defn
class Retrain:
    def __init__(self):
        self.paused = False
        self.scores: dict[int, float] = {}

    async def _train(self, number: int, point: dict[str, float]) -> float:
        await workflow.wait_condition(lambda: not self.paused)
        score = await workflow.execute_activity(
            cluster.train, args=[point, 5], start_to_close_timeout=HOUR
        )
        self.scores[number] = score
        return score

    @workflow.run
    async def run(self, model: str, space: Space, code: bytes) -> dict:
        points = space.grid(4) + space.seeded(8) + reseeded(space).sample(4)
        with tracked(model) as tracker:
            scores = await asyncio.gather(*(self._train(n, p) for n, p in enumerate(points)))
            order = _rank(scores)
            tracker.metric("best", scores[order[0]])
        axes = [axis.upper() for axis in names(points)]  # expect: DUR134
        if scores[order[0]] > _history(model):
            _best[model] = scores[order[0]]  # expect: DUR141
            await workflow.execute_activity(cluster.promote, model, start_to_close_timeout=HOUR)
        weights = init_weights(3)
        goal = objective("retraining.goals.accuracy")
        hook = thaw(code)
        return {
            "axes": axes,
            "why": await _explain(scores[order[0]]),
            "mean": _parallel(weights),
            "goal": goal(points[0]),
            "hook": hook,
            "args": sys.argv[1:],  # expect: DUR125
            "cwd": os.getcwd(),  # expect: DUR125
        }

    @workflow.signal
    async def pause(self) -> None:
        self.paused = True

    @workflow.query
    def progress(self) -> float:
        return len(self.scores) / 100


@workflow.defn
class DriftWatch:
    @workflow.run
    async def run(self, model: str) -> None:
        for _ in range(100):
            drift = await workflow.execute_activity(
                cluster.drift, model, start_to_close_timeout=HOUR
            )
            if drift > 0.2:
                await workflow.start_child_workflow(Retrain.run, args=[model, Space({}), b""])
            try:
                await asyncio.sleep(86_400)
            except asyncio.CancelledError:
                workflow.logger.info("stopped")
                raise
        workflow.continue_as_new(model)
