from __future__ import annotations

import os
import platform
import time
from typing import TextIO

import durable_async as da
from ci.util import Command, Stopwatch


@da.activity(timeout=3600, heartbeat_timeout=60, on_lost="fail")
async def run_job(directory: str, script: str, environment: dict[str, str]) -> int:
    command = Command.parse(script, **environment) / directory
    with Stopwatch() as watch:
        code = await command.start()
    print(f"{script}: {code} in {watch.median:.1f} s on {platform.machine()}")
    return code


@da.activity
def report(commit: str, state: str) -> None:
    Command.parse(f"report-status {commit} {state} {time.time():.0f}").run()


@da.activity
def jobs_in(directory: str, log: TextIO) -> list[str]:  # expect: DUR152
    known = {name for name in os.listdir(os.path.join(directory, ".ci"))}
    return [line for line in log if line in known]


@da.activity
def job_names(directory: str) -> list[str]:
    return sorted(os.listdir(os.path.join(directory, ".ci")))
