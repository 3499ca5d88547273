"""Expiry of packages, and re-packaging after key rotations."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import subprocess
import threading
import time
from pathlib import Path

import durable_async as da

from media.pipeline import package, publish

PACKAGES = Path("/mnt/packages")
rotated: list[str] = []


@da.activity
def remove_package(job: str) -> int:
    folder = PACKAGES / job
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(folder, ignore_errors=True)
    return size


@da.orchestrator
async def expire_packages(jobs: dict[str, float], max_age: float) -> int:
    limit = time.time() - max_age  # expect: DUR101
    freed = 0
    for job, made in sorted(jobs.items()):
        if made < limit:
            freed += await remove_package(job)
    left = shutil.disk_usage(PACKAGES).free  # expect: DUR122
    if left < freed:
        subprocess.Popen(["/usr/local/bin/page-oncall", str(left)])  # expect: DUR123
    return freed


@da.orchestrator
async def rotate_keys(jobs: list[str]) -> list[str]:
    generation = secrets.token_urlsafe(6)  # expect: DUR111
    for job in jobs:
        manifest = await package(f"{job}@{generation}", [])
        await publish(job, manifest, 0.0)
        rotated.append(job)  # expect: DUR141
    return [job for job in rotated if job.startswith("tv/")]  # expect: DUR141


@da.orchestrator
async def repackage_on_signal(job: str) -> str:
    turned = threading.Event()  # expect: DUR131
    timer = asyncio.get_running_loop().call_later(60, turned.set)
    await da.wait_for_event("rotate")
    timer.cancel()
    if turned.is_set():
        return "late"
    asyncio.run(package(job, []))  # expect: DUR131
    package(job, [job])  # expect: DUR133
    return "done"


@da.orchestrator
async def thumbnails_of_the_day(jobs: list[str]) -> dict[str, int]:
    weights = {job: zlib_weight(job) for job in jobs}
    rng = da.random("thumbnails")
    chosen = rng.sample(sorted(weights), k=min(3, len(weights)))
    await asyncio.gather(*(remove_package(f"{job}/thumbs") for job in set(weights) - set(chosen)))  # expect: DUR134
    return {job: weights[job] for job in chosen}


def zlib_weight(job: str) -> int:
    from zlib import adler32

    return adler32(job.encode()) % 100


def main() -> None:
    calls = [rotate_keys(["tv/1"]), repackage_on_signal("tv/1")]
    print([da.run(call) for call in calls], rotated, time.ctime())


if __name__ == "__main__":
    main()
