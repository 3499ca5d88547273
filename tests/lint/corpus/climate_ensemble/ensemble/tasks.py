"""Activities: everything that needs the cluster or the disk."""
import pathlib
import subprocess
import tempfile
import time

import numpy as np
import pandas as pd
from durable_async import activity, RetryPolicy

from .members import Member, jitter, perturb

ROOT = pathlib.Path("/data/runs")


@activity(retry=RetryPolicy(max_attempts=2), heartbeat_timeout=600)
def run_member(member: Member, days: int) -> str:
    target = ROOT / member.label()
    target.mkdir(parents=True, exist_ok=True)
    grid = perturb(member, np.zeros((180, 360)))
    with tempfile.NamedTemporaryFile(suffix=".npy") as handle:
        np.save(handle, grid)
        subprocess.run(["rcm", "--input", handle.name, "--days", str(days)], check=True)
    time.sleep(1)
    return str(target)


@activity
def read_series(path: str, variable: str) -> list[float]:
    frame = pd.read_parquet(pathlib.Path(path) / "out.parquet")
    return jitter(frame[variable].to_numpy()).tolist()


@activity
async def publish(label: str, summary: dict[str, float]) -> None:
    (ROOT / "published" / label).write_text(repr(summary))
