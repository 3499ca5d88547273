"""Activities: they may do anything."""

import os
import pickle
import random
import subprocess
import time
from pathlib import Path

import durable_async as da
import numpy as np
import torch

MODELS = Path(os.environ.get("MODEL_DIR", "/var/models"))


@da.activity(timeout=6 * 3600, heartbeat_timeout=120, on_lost="retry")
def fit(dataset: str, params: dict[str, float], seed: int) -> str:
    torch.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)
    started = time.time()
    weights = torch.rand(128)
    for epoch in range(int(params.get("epochs", 3))):
        time.sleep(0.1)
        da.heartbeat({"epoch": epoch, "elapsed": time.time() - started})
    path = MODELS / f"{dataset}-{seed}.pkl"
    path.write_bytes(pickle.dumps(weights.tolist()))
    print("wrote", path)
    return str(path)


@da.activity
def score(model: str, dataset: str) -> float:
    weights = pickle.loads(Path(model).read_bytes())
    return float(np.mean(weights)) + len(dataset) / 1000


@da.activity
def gpu_count() -> int:
    listing = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True)
    return len(listing.stdout.splitlines())


@da.activity
async def promote(model: str, stage: str) -> None:
    import mlflow

    mlflow.register_model(model, stage)
