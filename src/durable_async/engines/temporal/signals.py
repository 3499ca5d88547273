"""What instances and their clients say to one another beside events. Invariant: names that begin
with KEPT are ours, and no event has one.
"""

from __future__ import annotations

from typing import Final

import attrs

__all__ = ["ANSWER", "CANCEL", "HISTORY", "KEPT", "RESUME", "SUSPEND", "EventExtras"]

KEPT: Final = "durable_async."

CANCEL: Final = "durable_async.cancel"
"""A cancel behind the first: Temporal itself knows one only."""

SUSPEND: Final = "durable_async.suspend"
RESUME: Final = "durable_async.resume"

HISTORY: Final = "durable_async.history"
"""The query for the events that stand behind those that are known already."""

ANSWER: Final = "durable_async.answer"
"""The query for the answer to a request that the memo does not show."""


@attrs.frozen(kw_only=True)
class EventExtras:
    """What is sent with an event beside its data. request_id: it is a request."""

    key: str | None = None
    request_id: str | None = None
