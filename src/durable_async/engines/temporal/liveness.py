"""How long Temporal waits for activities. Invariant: an attempt whose worker is gone is noticed
after LIVENESS, however long it may take."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

__all__ = ["LIVENESS", "NO_LIMIT", "TIMEOUTS"]

LIVENESS: Final = timedelta(seconds=10)
"""An activity whose worker has said nothing for so long is lost, and run again."""

NO_LIMIT: Final = timedelta(days=3650)
"""Temporal wants a limit for each attempt."""

TIMEOUTS: Final = ("TemporalTimeout:Heartbeat", "TemporalTimeout:StartToClose")
"""How a server calls what it gives up on."""
