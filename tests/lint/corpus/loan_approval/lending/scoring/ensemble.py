"""Several scorers as one."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from lending.models import Application


class Scorer(Protocol):
    def score(self, application: Application) -> int: ...


class Ensemble:
    """Runs the scorers side by side and takes the median."""

    def __init__(self, scorers: Sequence[Scorer]) -> None:
        self.scorers = list(scorers)
        self.scores: list[int] = []

    def score(self, application: Application) -> int:
        if len(self.scorers) == 1:
            return self.scorers[0].score(application)
        self.scores = self._scatter(application)
        return int(statistics.median(self.scores))

    def _scatter(self, application: Application) -> list[int]:
        pool = ThreadPoolExecutor(max_workers=len(self.scorers))  # expect: DUR131
        futures: list[Future[int]] = [pool.submit(scorer.score, application) for scorer in self.scorers]
        return [future.result() for future in futures]  # expect: DUR102

    def spread(self) -> int:
        return max(self.scores, default=0) - min(self.scores, default=0)

    def __len__(self) -> int:
        return len(self.scorers)


def benchmark(ensemble: Ensemble, applications: list[Application]) -> int:
    done = threading.Semaphore(0)
    threads = [threading.Thread(target=lambda a=a: (ensemble.score(a), done.release())) for a in applications]
    for thread in threads:
        thread.start()
    for _ in threads:
        done.acquire()
    return len(threads)
