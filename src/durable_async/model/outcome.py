"""What one episode came to. Invariant: an Outcome is all that an engine needs to commit it.

`Outcome | Blocked` is the closed union of what `run_episode` can return. Nothing of a blocked
episode is committed except that it is blocked, and why.
"""

from __future__ import annotations

import attrs

from durable_async.model.commands import Command
from durable_async.model.history import (
    EventReceived,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionContinued,
    ExecutionFailed,
    HistoryEvent,
)
from durable_async.model.payload import Payload

__all__ = ["UNCHANGED", "Blocked", "EpisodeResult", "Outcome", "OutcomeEnd", "Unchanged"]

OutcomeEnd = ExecutionCompleted | ExecutionFailed | ExecutionCancelled | ExecutionContinued
"""How an episode can end its execution."""


@attrs.frozen
class Unchanged:
    """The custom status was not set in this episode (None would clear it)."""


UNCHANGED = Unchanged()


@attrs.frozen(kw_only=True)
class Outcome:
    """events: to append to history, in order; they include the recorded form of `commands`.
    commands: for the engine to carry out, in order. ended: how the execution ended, if it did
    (it is also the last of `events`). idle: the code waits for nothing that could come (no open
    activity or timer, no event waiter): it can never go on by itself. carried: when it goes on as
    a new execution, the events that nobody has taken, in the order in which they came; None if
    those that the store still has for it, requests excepted, are to be dropped too."""

    events: tuple[HistoryEvent, ...]
    commands: tuple[Command, ...] = ()
    custom_status: Payload | None | Unchanged = UNCHANGED
    ended: OutcomeEnd | None = None
    idle: bool = False
    carried: tuple[EventReceived, ...] | None = None


@attrs.frozen(kw_only=True)
class Blocked:
    """The episode cannot be committed.

    reason: "mismatch" (code against history), "missing_class" (a recorded failure needs a class
    that this process lacks), "codec" (it lacks a key, or its store does not answer), or "error"
    (the episode broke down in code of ours, or the store cannot hold what came of it). Engines
    themselves hold instances BLOCKED that are "damaged", or "quarantined" (five workers died
    while they ran an episode of it). message: for people, with lines, and what to do. recorded,
    asked: of a mismatch, what history says and what the code does instead, each with its line.
    line: "file:line" where the code asks, or where the recorded command was asked for that it
    does not come to; "" if neither is known.
    """

    reason: str
    message: str
    recorded: str = ""
    asked: str = ""
    line: str = ""


EpisodeResult = Outcome | Blocked
