"""Reached from activities, tests and tools; from no flow."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import random
import subprocess
import threading
import time
import uuid
from functools import lru_cache
from pathlib import Path

import requests

POSITIONS: dict[str, float] = {}
HOST = os.uname().nodename


class Telescope:
    exposures: list[float] = []

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = threading.Lock()
        self.born = time.time()

    def point(self, target: str) -> float:
        with self.lock:
            POSITIONS[target] = random.random()
            self.exposures.append(POSITIONS[target])
        return POSITIONS[target]

    async def expose(self, seconds: float) -> bytes:
        try:
            await asyncio.to_thread(time.sleep, seconds)
        except BaseException:
            return b""
        return Path(f"/data/{uuid.uuid4()}.fits").read_bytes()


@lru_cache
def catalogue(name: str) -> list[str]:
    return requests.get(f"https://stars.example/{name}", timeout=3).json()


def reduce_frame(blob: bytes) -> int:
    return len(pickle.loads(blob)) + subprocess.call(["reduce"])


def targets(names: set[str]) -> list[str]:
    return list(names)


async def watch_sky(telescope: Telescope) -> None:
    while True:
        with contextlib.suppress(BaseException):
            await telescope.expose(1)
        print(telescope.name, os.getpid())
