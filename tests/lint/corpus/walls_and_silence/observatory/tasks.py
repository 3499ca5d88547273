"""Activities in all their forms."""

from __future__ import annotations

import functools
import os
import time

import durable_async as da

from .instruments import Telescope, catalogue, reduce_frame, targets


def traced(function):
    @functools.wraps(function)
    async def inner(*args):
        print(function.__name__, time.time(), os.getpid())
        return await function(*args)

    return inner


@da.activity
@traced
async def observe(target: str) -> bytes:
    telescope = Telescope("north")
    telescope.point(target)
    return await telescope.expose(3)


@da.activity(name="reduce", heartbeat_timeout=10)
def reduce(blob: bytes) -> int:
    for step in range(3):
        time.sleep(step)
        da.heartbeat(step)
    return reduce_frame(blob)


class Archive:
    root = os.environ.get("ARCHIVE", "/archive")

    @da.activity
    def store(self, blob: bytes) -> str:
        path = os.path.join(self.root, str(time.time_ns()))
        with open(path, "wb") as target:
            target.write(blob)
        return path

    @da.activity()
    async def names(self, name: str) -> list[str]:
        return targets(set(catalogue(name)))
