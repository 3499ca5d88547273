import subprocess
import time
from datetime import timedelta

import requests
from temporalio import activity
from temporalio.common import RetryPolicy

FAST = {"start_to_close_timeout": timedelta(seconds=30), "retry_policy": RetryPolicy(maximum_attempts=3)}


@activity.defn
def move(robot: str, cell: tuple[int, int]) -> bool:
    print("moving", robot)
    return requests.post(f"http://{robot}.local/move", json=cell, timeout=10).ok


@activity.defn
def lift(robot: str, shelf: str) -> float:
    subprocess.run(["lift", robot, shelf], check=True)
    return time.time()


@activity.defn
async def report(zone: str, text: str) -> None:
    requests.post("http://board.local", json=[zone, text], timeout=3)
