"""Who follows what a worker does here. Invariant: watching changes nothing of what is done, and
what Temporal replays is told as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import attrs

from durable_async.model.history import HistoryEvent
from durable_async.model.outcome import EpisodeResult
from durable_async.model.work import ActivityTask, AttemptEnd

__all__ = ["HostedEpisode", "Watch"]


@attrs.frozen(kw_only=True)
class HostedEpisode:
    """result: Temporal is told of it at the same moment, and may still refuse it. history: of the
    instance, up to there. tasks: name and line of each that waits. replaying: it was recorded
    before. at: Temporal's clock."""

    instance_id: str
    result: EpisodeResult
    history: Sequence[HistoryEvent]
    tasks: tuple[tuple[str, str], ...]
    replaying: bool
    at: datetime


class Watch(Protocol):
    """Called in the threads that run instances and activities; must be quick, and not raise."""

    def learn(self, definition: object, /) -> None:
        """An orchestrator awaits it."""
        ...

    def episode_ended(self, episode: HostedEpisode, /) -> None: ...

    def attempt_ended(self, task: ActivityTask, end: AttemptEnd, seconds: float, /) -> None: ...

    def orchestrator_unknown(self, instance_id: str, name: str, version: str | None, /) -> None:
        """The instance is one of this worker's queue, and cannot be run by it. Temporal hands it
        out again."""
        ...

    def activity_unknown(self, instance_id: str, name: str, /) -> None: ...
