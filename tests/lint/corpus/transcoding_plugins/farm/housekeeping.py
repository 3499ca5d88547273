"""Keeps the farm's disks and nodes in shape."""
from __future__ import annotations

import asyncio
import functools
import itertools
import os
import shutil
import socket
import subprocess
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import durable_async as da

from .pipeline import OUT

Check = Callable[[str], Awaitable[bool]]
CHECKS: list[Check] = []


def check(fn: Check) -> Check:
    """Registers a health check."""
    CHECKS.append(fn)
    return fn


@da.activity(timeout=timedelta(minutes=2))
async def ssh(node: str, *argv: str) -> str:
    process = await asyncio.create_subprocess_exec("ssh", node, *argv, stdout=subprocess.PIPE)
    out, _ = await process.communicate()
    return out.decode()


@da.activity
def resolve(node: str) -> str:
    return socket.gethostbyname(node)


@check
async def has_space(node: str) -> bool:
    if node == "local":
        usage = shutil.disk_usage(str(OUT))  # expect: DUR122
        return usage.free > usage.total // 10
    percent = (await ssh(node, "df", "--output=pcent", str(OUT))).split()[-1]
    return int(percent.rstrip("%")) < 90


@check
async def answers(node: str) -> bool:
    if os.system(f"ping -c1 -W2 {node}") != 0:  # expect: DUR123
        return False
    return bool(await resolve(node))


@check
async def encoder_installed(node: str) -> bool:
    return "version" in await ssh(node, "ffmpeg", "-version")


def tolerant(fn: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """A broken check must not stop the others."""

    @functools.wraps(fn)
    async def wrapper(*args: Any) -> Any:
        try:
            return await fn(*args)
        except (TimeoutError, asyncio.CancelledError):  # expect: DUR135
            return False

    return wrapper


@tolerant
async def healthy(node: str) -> bool:
    for one in CHECKS:
        if not await one(node):
            return False
    return True


async def drain(node: str) -> None:
    """Waits until nothing is encoded on the node any more."""
    for _ in itertools.count():  # expect: DUR151
        busy = await ssh(node, "pgrep", "-c", "ffmpeg")
        da.set_custom_status({"node": node, "busy": int(busy or 0)})
        await asyncio.sleep(30)


async def drained(node: str, limit: timedelta) -> bool:
    for attempt in itertools.count(1):
        if int(await ssh(node, "pgrep", "-c", "ffmpeg") or 0) == 0:
            return True
        if attempt * 30 > limit.total_seconds():
            return False
        await asyncio.sleep(30)
    return False


@da.orchestrator
async def patrol(nodes: list[str], rounds: int = 0) -> None:
    while True:
        states = await asyncio.gather(*(healthy(node) for node in nodes))
        sick = {node for node, ok in zip(nodes, states) if not ok}
        for node in nodes:
            if node in sick:
                await ssh(node, "systemctl", "restart", "encoder")
        if len(sick) > len(nodes) // 2:
            raise RuntimeError(f"half of the farm is down: {sorted(sick)}")
        await asyncio.sleep(600)
        rounds += 1
        if rounds % 100 == 0:
            da.continue_as_new(patrol(nodes, rounds))


@da.orchestrator
async def upgrade(nodes: list[str], version: str) -> list[str]:
    """Node by node. A node that does not drain in an hour is killed and upgraded all the same."""
    upgraded: list[str] = []
    for node in nodes:
        try:
            async with asyncio.timeout(3600):
                if node.endswith("-spot"):
                    await drain(node)
                elif not await drained(node, timedelta(hours=1)):
                    ssh(node, "pkill", "ffmpeg")  # expect: DUR133
        except TimeoutError:
            await ssh(node, "pkill", "ffmpeg")
        installed = await ssh(node, "apt-get", "install", f"encoder={version}")
        if version in installed:
            upgraded.append(node)
        da.sleep(60)  # expect: DUR133
    return upgraded


@da.orchestrator
def clean_up(days: int) -> int:  # expect: DUR152
    return days
