from __future__ import annotations

import pickle
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pandas as pd
import torch

import durable_async as da

from .config import ARTIFACTS, Checkpoint, Device, HyperParams, Trial


def _read(part: str) -> pd.DataFrame:
    return pd.read_parquet(part)


@da.activity(timeout=3600)
def prepare(dataset: str, parts: list[str]) -> str:
    with ThreadPoolExecutor(8) as pool:
        frame = pd.concat(list(pool.map(_read, parts)))
    target = ARTIFACTS / f"{dataset}.parquet"
    frame.to_parquet(target)
    return str(target)


@da.activity(timeout=6 * 3600, heartbeat_timeout=120)
def fit(trial: Trial, data: str, device: Device = Device.CPU) -> float:
    torch.manual_seed(trial.seed)
    best = 0.0
    for step in range(10):
        weights = torch.rand(trial.params.depth)
        best = max(best, float(weights.max()))
        checkpoint = Checkpoint(trial_id=trial.id, step=step)
        with open(ARTIFACTS / f"{trial.id}-{step}.pkl", "wb") as out:
            pickle.dump(checkpoint.model_dump(), out)
        da.heartbeat(step)
    print(f"trial {trial.id} on {data}/{device.value}: {best:.4f} at {time.time():.0f}")
    return best


@da.activity
def upload(trial_id: str, bucket: str) -> str:
    key = f"models/{trial_id}.bin"
    boto3.client("s3").upload_file(str(ARTIFACTS / f"{trial_id}.bin"), bucket, key)
    return key


@da.activity
def export_onnx(trial_id: str, params: HyperParams) -> str:
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "model.onnx"
        subprocess.run(["export-model", trial_id, str(out), params.key()], check=True)
        return out.name


@da.activity
def tune_threshold(trial_id: str, objective: Callable[[float], float]) -> float:  # expect: DUR152
    scores = torch.load(ARTIFACTS / f"{trial_id}.scores")
    return max((float(s) for s in scores), key=objective)


@da.activity
def announce(channel: str, text: str) -> None:
    subprocess.run(["notify", channel, text], check=False)
