"""Closed formulas."""

import math
import statistics
from collections.abc import Sequence


def lift(control: Sequence[float], treated: Sequence[float]) -> float:
    base = statistics.fmean(control)
    return (statistics.fmean(treated) - base) / base if base else 0.0


def z_score(control: Sequence[float], treated: Sequence[float]) -> float:
    spread = math.sqrt(statistics.pvariance(control) / len(control) + statistics.pvariance(treated) / len(treated))
    return (statistics.fmean(treated) - statistics.fmean(control)) / spread if spread else 0.0


def enough(control: Sequence[float], treated: Sequence[float], level: float = 1.96) -> bool:
    return abs(z_score(control, treated)) > level


def shares(assigned: dict[str, int]) -> dict[str, float]:
    whole = sum(assigned.values())
    return {name: count / whole for name, count in sorted(assigned.items())}
