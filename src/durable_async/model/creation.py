"""A new instance, as it is asked for. Invariant: whoever asks has made the ids, so that who asks
again asks for the same."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import attrs

from durable_async.model.identity import Caller
from durable_async.model.options import DEFAULT_QUEUE
from durable_async.model.payload import Payload

__all__ = ["CreateInstance", "Created", "IfExists"]

IfExists = Literal["raise", "attach", "replace"]


@attrs.frozen(kw_only=True)
class CreateInstance:
    """execution_id: made by the caller, unique. newest: take the newest version of this name that
    the store knows of, and ignore `version`. parent: the command that waits for it as its
    child; None at top level. queue: which workers take it. start_at: not before (UTC); None
    for now."""

    instance_id: str
    execution_id: str
    name: str
    version: str | None = None
    newest: bool = False
    input: Payload
    parent: Caller | None = None
    queue: str = DEFAULT_QUEUE
    tags: dict[str, str] = attrs.field(factory=dict)
    start_at: datetime | None = None
    if_exists: IfExists = "raise"


@attrs.frozen(kw_only=True)
class Created:
    """fresh: False if it attached to an instance that was there already."""

    instance_id: str
    execution_id: str
    fresh: bool
