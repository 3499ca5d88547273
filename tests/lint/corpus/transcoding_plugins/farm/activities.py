from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import durable_async as da

from .plugins import Segment, Task

BUCKET = os.environ.get("FARM_BUCKET", "farm-dev")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@da.activity(retry=da.RetryPolicy(max_attempts=3), heartbeat_timeout=60)
async def encode(task: Task) -> str:
    Path(task.target).parent.mkdir(parents=True, exist_ok=True)
    process = await asyncio.create_subprocess_exec(*task.argv)
    while process.returncode is None:
        da.heartbeat({"pid": process.pid, "at": time.time()})
        try:
            await asyncio.wait_for(process.wait(), 15)
        except TimeoutError:
            continue
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, task.argv)
    return task.target


@da.activity
def probe(source: str, segment_ms: int) -> list[Segment]:
    out = subprocess.check_output(["ffprobe", "-v", "0", "-show_entries", "format=duration", "-of", "csv=p=0", source])
    total = int(float(out) * 1000)
    return [
        Segment(source, i, start, min(start + segment_ms, total))
        for i, start in enumerate(range(0, total, segment_ms))
    ]


@da.activity
def upload(files: list[str], prefix: str) -> dict[str, str]:
    s3 = boto3.client("s3")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda f: s3.upload_file(f, BUCKET, f"{prefix}/{os.path.basename(f)}"), files))
    return {f: _digest(Path(f)) for f in files}


@da.activity
def concat(parts: list[str], target: str) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listing:
        listing.writelines(f"file '{p}'\n" for p in parts)
        listing.flush()
        subprocess.run(["ffmpeg", "-f", "concat", "-i", listing.name, "-c", "copy", target], check=True)
    return target
