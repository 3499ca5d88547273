"""What every engine agrees on in numbers. Invariant: all engines use these, so that moving from one
to another changes no behaviour."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

__all__ = [
    "ANSWER_KEPT",
    "DEFAULT_LEASE",
    "HISTORY_LIMIT",
    "HISTORY_WARNING",
    "OPERATIONS_A_BATCH",
    "RENEWALS_PER_LEASE",
]

DEFAULT_LEASE: Final = 10.0
"""Seconds without a commit after which a session may be taken over."""

RENEWALS_PER_LEASE: Final = 3
"""How often a session renews its lease within the lease time: two may be missed."""

HISTORY_WARNING: Final = 10_000
"""Events in one execution from which a warning is logged: every rebuild replays them all."""

HISTORY_LIMIT: Final = 50_000
"""Events that one execution may have. An episode that would go past them, and does not end the
execution, fails it with HistoryLimitError."""

OPERATIONS_A_BATCH: Final = 100
"""Operations of one entity that are handed out together."""

ANSWER_KEPT: Final = timedelta(days=1)
"""How long the answer to a request waits for who asked."""
