"""What a worker does, told to whoever watches. Invariant: a step is told after it is durable, and
watching changes nothing: a worker without an observer makes no steps at all.

An observer is called in the turn's thread; it must be quick and must not raise.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import attrs

from durable_async.model.outcome import EpisodeResult
from durable_async.model.work import ActivityTask, AttemptEnd

__all__ = [
    "AttemptBegan",
    "AttemptEnded",
    "DefinitionKind",
    "DefinitionMissing",
    "EpisodeEnded",
    "InstanceIdle",
    "Observer",
    "Step",
]

DefinitionKind = Literal["orchestrator", "activity", "entity"]


@attrs.frozen
class EpisodeEnded:
    """The result of an episode was committed. at: the engine's clock."""

    instance_id: str
    result: EpisodeResult
    at: datetime


@attrs.frozen
class InstanceIdle:
    """Nothing that could come would wake the instance. tasks: name and line of each that waits."""

    instance_id: str
    tasks: tuple[tuple[str, str], ...]


@attrs.frozen
class DefinitionMissing:
    """An instance awaits what this worker has no definition of. line: where. version: of an
    orchestrator, if one was asked for."""

    instance_id: str
    kind: DefinitionKind
    name: str
    line: str
    version: str | None = None

    @property
    def title(self) -> str:
        of_version = "" if self.version is None else f" version {self.version!r}"
        return f"{self.kind} {self.name!r}{of_version}"

    @property
    def hint(self) -> str:
        """A further sentence, for the end of another; "" if nothing more can be said.

        A module brings all that it has but activities that are methods: these need their instance.
        """
        owner, dot, _ = self.name.rpartition(".")
        if self.kind != "activity" or not dot:
            return ""
        return f". If it is a method, give an instance of {owner}, not only its module"


@attrs.frozen
class AttemptBegan:
    task: ActivityTask


@attrs.frozen
class AttemptEnded:
    """seconds: that the attempt took."""

    task: ActivityTask
    end: AttemptEnd
    seconds: float


Step = EpisodeEnded | InstanceIdle | DefinitionMissing | AttemptBegan | AttemptEnded

Observer = Callable[[Step], None]
