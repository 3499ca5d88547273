"""Runs are tracked in MLflow; progress goes to a file that the dashboard tails."""

import contextlib
import functools
import getpass
import json
import os
import time
from pathlib import Path
from typing import Any, Callable, Iterator, ParamSpec, TypeVar

import mlflow
from loguru import logger

P = ParamSpec("P")
R = TypeVar("R")
ROOT = Path(os.environ.get("TRACKING_ROOT", "/var/lib/tracking"))


def timed(fn: Callable[P, R]) -> Callable[P, R]:
    """Say how long a call took."""

    @functools.wraps(fn)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        began = time.perf_counter()  # expect: DUR101
        try:
            return fn(*args, **kwargs)
        finally:
            logger.debug("{} took {}", fn.__name__, time.perf_counter() - began)  # expect: DUR101, DUR143

    return wrapper


class Tracker:
    def __init__(self, run: str) -> None:
        self.run = run
        self.file = ROOT / f"{run}.jsonl"

    def exists(self) -> bool:
        return self.file.is_file()  # expect: DUR122

    def append(self, row: dict[str, Any]) -> None:
        with self.file.open("a") as handle:  # expect: DUR122
            handle.write(json.dumps({"by": getpass.getuser(), **row}) + "\n")  # expect: DUR125

    def metric(self, name: str, value: float) -> None:
        mlflow.log_metric(name, value)  # expect: DUR121

    def name(self) -> str:
        return self.file.with_suffix("").name


@contextlib.contextmanager
def tracked(run: str) -> Iterator[Tracker]:
    tracker = Tracker(run)
    tracker.append({"event": "start"})
    yield tracker
    if tracker.exists():
        tracker.append({"event": "end"})
