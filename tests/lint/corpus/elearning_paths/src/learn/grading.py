"""Grading. A grader is built per exam from a plain settings dict."""

import asyncio
import builtins
import concurrent.futures
import io
import logging
import os
import time as clock
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import date as Date
from datetime import datetime as DT
from typing import Any

from loguru import logger as audit

log = logging.getLogger(__name__)
SCALE = {90: "A", 75: "B", 50: "C"}


def grade(points: int) -> str:
    return next((letter for limit, letter in sorted(SCALE.items(), reverse=True) if points >= limit), "F")


def make_curve(kind: str) -> Callable[[int], int]:
    if kind == "late":
        today = Date.today

        def late(points: int) -> int:
            return points - today().weekday()  # expect: DUR101

        return late
    if kind == "expression":
        return lambda points: eval("points * 11 // 10")  # expect: DUR142
    return lambda points: points


class Grader:
    def __init__(self, settings):
        self.settings = settings
        self.curve = make_curve(settings.get("curve", ""))
        self.started = None

    def start(self, time: DT) -> None:
        self.started = time

    def __call__(self, points: int) -> str:
        audit.info("graded {}", points)  # expect: DUR143
        return grade(self.curve(points))

    def many(self, results: list[int]) -> list[str]:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:  # expect: DUR131
            futures = [pool.submit(grade, points) for points in results]
            return [future.result() for future in futures]  # expect: DUR102

    @property
    def elapsed(self) -> float:
        return clock.time() - (self.started or DT(2024, 1, 1)).timestamp()  # expect: DUR101


def transcript(rows: dict[str, str]) -> str:
    buffer = io.StringIO()
    for name in sorted(rows):
        buffer.write(f"{name}: {rows[name]}\n")
    log.debug("transcript of %d rows", len(rows))
    return buffer.getvalue()


def run_submission(code: str) -> dict[str, Any]:
    """Run what a learner handed in."""
    out, scope = io.StringIO(), {"__builtins__": vars(builtins)}
    with redirect_stdout(out):
        exec(compile(code, "submission.py", "exec"), scope)
    return {"out": out.getvalue(), "pid": os.getpid(), "loop": asyncio.new_event_loop}
