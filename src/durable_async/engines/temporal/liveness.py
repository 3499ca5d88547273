"""How long Temporal waits for workers. Invariant: an attempt whose worker is gone is noticed after
LIVENESS, however long it may take."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

__all__ = ["BEATS_EVERY", "KEPT_FOR", "LIVENESS", "NO_LIMIT", "TIMEOUTS"]

LIVENESS: Final = timedelta(seconds=10)
"""An activity whose worker has said nothing for so long is lost, and run again."""

BEATS_EVERY: Final = timedelta(seconds=2)
"""How often signs of life of an activity reach the cluster, which answers whether to cancel it."""

KEPT_FOR: Final = timedelta(seconds=4)
"""How long what is next for an instance waits for the worker that keeps it. After that any worker
may rebuild it: so long is nothing heard of an instance whose worker was killed. One that is alive
takes milliseconds, and on a machine with too much to do seconds."""

NO_LIMIT: Final = timedelta(days=3650)
"""Temporal wants a limit for each attempt."""

TIMEOUTS: Final = ("TemporalTimeout:Heartbeat", "TemporalTimeout:StartToClose")
"""How a server calls what it gives up on."""
