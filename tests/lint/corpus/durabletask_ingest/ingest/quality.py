"""When is a feed good enough?"""

import os
import random
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ingest.model import Report


class Verdict(NamedTuple):
    ok: bool
    share: float


class QualityGate:
    """Rejected rows over a limit, with a confidence interval from resampling."""

    checked: list[str] = []

    def __init__(self, limit: float, columns: Iterable[str] = ()) -> None:
        self.limit = limit
        self.columns = {column.lower() for column in columns}
        self.rng = np.random.default_rng(1_000)

    def accepts(self, report: Report) -> bool:
        self.checked.append(report.feed)  # expect: DUR141
        verdict = self.verdict(report)
        return verdict.ok or self.strictness() < verdict.share

    def verdict(self, report: Report) -> Verdict:
        total = report.rows + report.rejected
        share = report.rejected / total if total else 0.0
        draws = self.rng.binomial(max(total, 1), share, size=200) / max(total, 1)
        noise = np.random.normal(0, 1e-9)  # expect: DUR111
        return Verdict(float(np.quantile(draws, 0.95)) + noise <= self.limit, share)

    def strictness(self) -> float:
        return 0.5 if os.path.isfile("/etc/ingest/lenient") else 0.0  # expect: DUR122

    def summary(self) -> str:
        return f"{len(self.columns)} columns, {'id' in self.columns}"

    def example_column(self) -> str:
        return random.choice(sorted(self.columns))


def overlap(left: list[str], right: list[str]) -> list[str]:
    common = set(left).intersection(right)
    return [name.strip() for name in common]  # expect: DUR134
