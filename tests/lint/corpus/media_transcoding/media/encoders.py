"""Encoders: remote farm, local ffmpeg, or a GPU box rented by the hour."""

from __future__ import annotations

import asyncio
import multiprocessing as mp
import os
import subprocess
import sys
import threading
import time
from queue import Empty, Queue
from typing import Protocol

import anyio
import durable_async as da
import trio

from media.ladder import Rendition
from media.probe import Source, scratch_dir

_gpu_slots = threading.BoundedSemaphore(2)


class Encoder(Protocol):
    async def encode(self, source: Source, rendition: Rendition) -> str: ...


@da.activity(heartbeat_timeout=90, retry=da.RetryPolicy(max_attempts=3))
def encode_on_farm(key: str, codec: str, height: int, kbps: int) -> str:
    with _gpu_slots:
        out = f"/mnt/renditions/{codec}/{height}/{os.getpid()}-{time.time_ns()}.mp4"
        subprocess.run(["ffmpeg", "-i", f"/mnt/media/{key}", "-b:v", f"{kbps}k", out], check=True)
    return out


class FarmEncoder:
    async def encode(self, source: Source, rendition: Rendition) -> str:
        return await encode_on_farm(source.key, rendition.codec, rendition.height, rendition.kbps)


class LocalEncoder:
    """For short clips, where the farm's queue takes longer than the work."""

    def __init__(self, job: str) -> None:
        self.folder = scratch_dir(job)
        self.cores = os.cpu_count() or 1  # expect: DUR125

    def _command(self, source: Source, rendition: Rendition) -> list[str]:
        return ["ffmpeg", "-threads", str(self.cores), "-i", source.key, f"{self.folder}/{rendition}.mp4"]

    def _run(self, command: list[str]) -> int:
        return os.system(" ".join(command))  # expect: DUR123

    async def encode(self, source: Source, rendition: Rendition) -> str:
        loop = asyncio.get_running_loop()
        command = self._command(source, rendition)
        await loop.run_in_executor(None, self._run, command)  # expect: DUR131
        return command[-1]


class RentedEncoder:
    def __init__(self) -> None:
        self._jobs: Queue[Rendition] = Queue(maxsize=4)  # expect: DUR131
        self._started = asyncio.Event()

    async def encode(self, source: Source, rendition: Rendition) -> str:
        self._jobs.put_nowait(rendition)
        await trio.sleep(1)  # expect: DUR132
        async with anyio.create_task_group() as group:
            group.start_soon(self._warm_up, 3.0)
        await self._started.wait()
        return await anyio.to_thread.run_sync(self._next_name, source)  # expect: DUR131

    async def _warm_up(self, seconds: float) -> None:
        with anyio.move_on_after(seconds * 2):
            await anyio.sleep(seconds)
        self._started.set()

    def _next_name(self, source: Source) -> str:
        return f"rented/{source.name}.mp4"

    def drain(self) -> list[Rendition]:
        drained = []
        while True:
            try:
                drained.append(self._jobs.get(timeout=0.1))
            except Empty:
                return drained


def encoder_for(source: Source, job: str) -> FarmEncoder | LocalEncoder | RentedEncoder:
    if source.height > 2160:
        return RentedEncoder()
    if source.seconds < 10:
        return LocalEncoder(job)
    return FarmEncoder()


def encode_folder(folder: str) -> int:
    with mp.Pool() as pool:
        codes = pool.map(os.system, [f"ffmpeg -i {name}" for name in os.listdir(folder)])
    sys.exit(max(codes, default=0))
