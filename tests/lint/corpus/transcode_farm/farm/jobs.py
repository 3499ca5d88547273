from __future__ import annotations

import os
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

import durable_async as da

from .ladder.probe import frame_rate, probe_locally


class Encoders:
    """Given to the worker with what it needs; its activities encode."""

    def __init__(self, scratch: str, threads: int = os.cpu_count() or 4) -> None:
        self.scratch = scratch
        self.pool = ThreadPoolExecutor(threads)

    @da.activity(timeout=7200, heartbeat_timeout=60)
    def encode(self, source: str, label: str, kbps: int) -> str:
        target = os.path.join(tempfile.mkdtemp(dir=self.scratch), f"{label}.mp4")
        with subprocess.Popen(["ffmpeg", "-i", source, "-b:v", f"{kbps}k", target]) as process:
            while process.poll() is None:
                time.sleep(5)
                da.heartbeat(os.path.getsize(target))
        return target

    @da.activity
    async def upload(self, path: str, key: str) -> str:
        print("uploading", path, os.getpid())
        return f"s3://{key}"


@da.activity
def probe(path: str) -> dict:
    found = probe_locally(path)
    found["fps"] = frame_rate(found["streams"][0])
    return found


@da.activity
def open_source(path: str) -> BinaryIO:  # expect: DUR152
    return open(path, "rb")
