"""Who is meant. Invariant: an identity is compared and sorted by what it says, and says nothing of
where the thing is or who holds it."""

from __future__ import annotations

from typing import Final

import attrs

__all__ = ["NAMED_LOCK", "Caller", "EntityId"]

NAMED_LOCK: Final = ""
"""The type of what is only a name to be locked: it has no state and no code."""


@attrs.frozen(order=True)
class EntityId:
    """type: the name of the entity's definition; NAMED_LOCK for a bare lock. key: one of many."""

    type: str
    key: str


@attrs.frozen
class Caller:
    """Who waits for an answer: the command `number` of one execution of an instance. What comes
    when that execution is over is dropped."""

    instance_id: str
    execution_id: str
    number: int
