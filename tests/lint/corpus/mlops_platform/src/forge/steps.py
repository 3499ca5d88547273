"""Activities of the platform."""

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path

import durable_async as da
import numpy as np

from .specs import Metrics, RunInfo, TrainSpec


def _measure() -> float:
    return time.perf_counter() + float(np.random.rand())


@da.activity(heartbeat_timeout=60)
def train(spec: TrainSpec, rate: float) -> Metrics:
    random.seed(spec.seed)
    begin = _measure()
    subprocess.run(["python", "-m", "forge_train", spec.dataset], check=True)
    da.heartbeat({"seconds": _measure() - begin})
    return Metrics(loss=random.random(), accuracy=1 - rate)


@da.activity
async def evaluate(run: str, split: str) -> Metrics:
    text = Path(f"/srv/metrics/{run}-{split}.json").read_text()
    return Metrics.model_validate_json(text)


@da.activity
async def publish(info: RunInfo) -> str:
    return f"models/{info.name}"


@da.activity
async def score_stream(run: str) -> list[float]:
    return [random.random() for _ in run]
