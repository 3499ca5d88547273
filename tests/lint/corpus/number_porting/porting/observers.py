"""Callbacks on tasks: counting, logging, alarms."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

import requests
from loguru import logger as alarm_log

log = logging.getLogger(__name__)
COUNTS: Counter[str] = Counter()
Observer = Callable[["asyncio.Task[Any]"], None]


class Observers:
    defaults: ClassVar[tuple[str, ...]] = ("log", "count")

    def __init__(self, names: tuple[str, ...] | None = None) -> None:
        table: dict[str, Observer] = {
            "log": self.log,
            "count": count,
            "alarm": functools.partial(alarm, "noc"),
        }
        self._active = [table[name] for name in names or self.defaults]

    def log(self, task: asyncio.Task[Any]) -> None:
        log.info("%s: %s", task.get_name(), "cancelled" if task.cancelled() else "done")

    def watch(self, task: asyncio.Task[Any]) -> asyncio.Task[Any]:
        for observer in self._active:
            task.add_done_callback(observer)
        return task


def count(task: asyncio.Task[Any]) -> None:
    COUNTS["cancelled" if task.cancelled() else "done"] += 1  # expect: DUR141


def alarm(team: str, task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        alarm_log.error("{} failed: {}", task.get_name(), error)  # expect: DUR143
        requests.post(f"https://pager.internal/{team}", json={"error": str(error)}, timeout=3)  # expect: DUR121


def summary() -> str:
    return ", ".join(f"{name}={number}" for name, number in COUNTS.most_common())  # expect: DUR141


def escalate_later(loop: asyncio.AbstractEventLoop, after: float, what: str) -> asyncio.TimerHandle:
    return loop.call_later(after, functools.partial(log.warning, "still open: %s", what))
