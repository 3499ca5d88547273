"""Guards and effects that templates may use: G_* and E_*."""

import asyncio
import contextlib
import subprocess
import threading
import time

import requests
from structlog import get_logger as _get_logger

__all__ = ["E_BACKOFF", "E_CALL", "E_LOCK", "E_LOG", "E_TRACE", "G_ONCE", "G_QUIET", "G_STRICT"]

_log = _get_logger("estate")
_ONCE: set[str] = set()
_COUNTS = {"calls": 0}


def G_ONCE(key: str) -> bool:
    if key in _ONCE:  # expect: DUR141
        return False
    _ONCE.add(key)  # expect: DUR141
    return True


async def G_QUIET(awaitable) -> None:
    try:
        await awaitable
    except asyncio.CancelledError:  # expect: DUR135
        _log.info("cancelled")  # expect: DUR143


async def G_STRICT(awaitable) -> None:
    try:
        await awaitable
    except BaseException:
        E_LOG("failed")
        raise


def E_LOG(text: str) -> None:
    _COUNTS["calls"] += 1  # expect: DUR141
    print("estate:", text)  # expect: DUR143


def E_CALL(url: str) -> int:
    return requests.get(url, timeout=5).status_code  # expect: DUR121


def E_BACKOFF(attempt: int) -> None:
    time.sleep(2**attempt)  # expect: DUR102


def E_LOCK() -> contextlib.AbstractContextManager:
    return threading.RLock()  # expect: DUR131


def E_TRACE(command: str) -> str:
    return subprocess.check_output(command, shell=True, text=True)  # expect: DUR123


def E_RESET() -> None:
    _ONCE.clear()
    _COUNTS.update(calls=0)
