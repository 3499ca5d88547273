"""Collects readings of a site, and reacts to alarms."""

from __future__ import annotations

import asyncio
import itertools
import os
import pickle
import select
import signal
import time
from collections.abc import AsyncIterator, Iterator
from threading import Lock
from types import FrameType

import aiostream
import durable_async as da

ALARM = 80.0


@da.activity(heartbeat_timeout=15)
async def read_sensors(serials: list[str]) -> list[float]:
    values = []
    for serial in serials:
        await asyncio.sleep(0.01)
        values.append(float(os.path.getsize(f"/dev/{serial}")))
        da.heartbeat(len(values))
    return values


@da.activity
def sound_alarm(site: str) -> None:
    os.kill(os.getppid(), signal.SIGUSR1)


async def smooth(values: list[float], window: int = 3) -> list[float]:
    """Rolling mean over a stream."""
    result: list[float] = []
    chunks = aiostream.stream.chunks(aiostream.stream.iterate(values), window)
    async for chunk in chunks:  # expect: DUR132
        result.append(sum(chunk) / len(chunk))
    return result


async def readings(serials: list[str], rounds: int) -> AsyncIterator[list[float]]:
    """An async generator of ours: durable all the way."""
    for _ in range(rounds):
        yield await read_sensors(serials)
        await da.sleep(60)


def poll_modem(descriptor: int) -> bool:
    ready, _, _ = select.select([descriptor], [], [], 2.0)  # expect: DUR102
    return bool(ready)


def restart_modem() -> int:
    code = os.spawnlp(os.P_WAIT, "mmcli", "mmcli", "--reset")  # expect: DUR123
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # expect: DUR125
    return code


def on_signal(number: int, frame: FrameType | None) -> None:
    time.sleep(1)
    print("signal", number)


def decode(blob: bytes) -> Iterator[float]:
    yield from pickle.loads(blob)  # expect: DUR142


@da.orchestrator
async def collect(site: str, serials: list[str], seed: bytes) -> float:
    peak = max(decode(seed), default=0.0)
    async for values in readings(serials, rounds=60):
        smoothed = await smooth(values)
        peak = max(peak, *smoothed)
        if peak > ALARM:
            await sound_alarm(site)
            break
    if not poll_modem(3):
        restart_modem()
    return peak


@da.orchestrator
async def collect_forever(site: str, serials: list[str]) -> None:
    lock = asyncio.Lock()
    while True:  # expect: DUR151
        async with lock:
            try:
                await collect(site, serials, b"")
            except:  # expect: DUR135
                await da.sleep(5)


@da.orchestrator
async def calibrate(site: str, lock: Lock) -> list[float]:  # expect: DUR152
    results = []
    for number in itertools.count(1):
        values = await read_sensors([f"{site}-{number}"])
        if not values:
            return results
        results.extend(values)
    return results
