"""Local risk rules that run before an authorisation is attempted."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

RULES_FILE = Path("/etc/acquiring/bin-rules.txt")
RECENT_BINS: dict[str, int] = {}
HIGH_RISK_COUNTRIES = frozenset({"XA", "XB", "XC"})


@dataclass
class RiskReport:
    score: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, points: int, reason: str) -> None:
        self.score += points
        self.reasons.append(reason)


@lru_cache(maxsize=256)  # expect: DUR141
def blocked_prefixes(region: str) -> tuple[str, ...]:
    lines = RULES_FILE.read_text().splitlines()  # expect: DUR122
    return tuple(line.split()[1] for line in lines if line.startswith(region))


class RiskEngine:
    """Additive scoring; anything from 70 up goes to manual review."""

    def __init__(self, region: str, seed: int = 17) -> None:
        self.region = region
        self._sampler = random.Random(seed)

    def assess(self, card_bin: str, country: str, amount_minor: int) -> RiskReport:
        report = RiskReport()
        # Countries weigh less than BINs: most of these are travellers.
        if country in HIGH_RISK_COUNTRIES:
            report.add(40, "country")
        if any(card_bin.startswith(prefix) for prefix in blocked_prefixes(self.region)):
            report.add(80, "blocked bin")
        RECENT_BINS[card_bin] = RECENT_BINS.get(card_bin, 0) + 1  # expect: DUR141
        if RECENT_BINS[card_bin] > 20:  # expect: DUR141
            report.add(30, "velocity")
        if amount_minor > 500_000 and self._sampler.random() < 0.1:
            report.add(5, "sampled")
        return report


def score_band(score: int) -> str:
    if score >= 70:
        return "review"
    return "elevated" if score >= 40 else "normal"


def countries_seen(countries: list[str]) -> dict[str, int]:
    return dict(Counter(countries))


def reload_rules() -> int:
    """Called by the admin console after the rules file was replaced."""
    blocked_prefixes.cache_clear()
    RECENT_BINS.clear()
    with open(RULES_FILE) as source:
        return sum(1 for _ in source)
