"""Business rules. Pure functions, one per rule, and a runner."""
from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import datetime

from temporalio import workflow

from .shared import Claim

Rule = Callable[[Claim, datetime], str | None]
REQUIRED = {"police-report", "photos", "estimate"}


def too_old(claim: Claim, at: datetime) -> str | None:
    return "reported too late" if claim.age_in_days(at) > 365 else None


def missing_documents(claim: Claim, at: datetime) -> str | None:
    missing = REQUIRED - claim.kinds()
    return "missing: " + ", ".join(missing) if missing else None  # expect: DUR134


def suspicious_amount(claim: Claim, at: datetime) -> str | None:
    if claim.cents >= 1_000_000 and claim.cents % 100_000 == 0:
        return "round amount"
    return None


def spot_check(claim: Claim, at: datetime) -> str | None:
    """Two per cent are looked at by a human, whatever the rules say."""
    if random.random() < 0.02:  # expect: DUR111
        return "spot check"
    return None


def sampled(claim: Claim, at: datetime) -> str | None:
    return "quality sample" if workflow.random().randrange(1000) == 0 else None


RULES: tuple[Rule, ...] = (too_old, missing_documents, suspicious_amount, spot_check, sampled)


def objections(claim: Claim, at: datetime, rules: Iterable[Rule] = RULES) -> list[str]:
    return [text for rule in rules if (text := rule(claim, at)) is not None]
