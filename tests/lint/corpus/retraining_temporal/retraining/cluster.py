import asyncio
import os
import resource
import subprocess
import threading
import time

from temporalio import activity

_slots = threading.BoundedSemaphore(4)


@activity.defn
def train(point: dict[str, float], epochs: int) -> float:
    with _slots:
        done = subprocess.run(["train", *map(str, point.values())], capture_output=True, check=True)
    activity.heartbeat(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime)
    return float(done.stdout)


@activity.defn
async def promote(model: str) -> None:
    process = await asyncio.create_subprocess_shell(f"promote {model}")
    await process.wait()


@activity.defn
def drift(model: str) -> float:
    time.sleep(1)
    return float(len(os.listdir(f"/models/{model}")))
