"""What an activity may know of itself while it runs. Invariant: it belongs to one attempt; another
attempt, or another activity of the same worker, sees its own."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context, ContextVar, Token
from datetime import datetime
from typing import Any, Final

import attrs

from durable_async.errors import DurableError

__all__ = ["ActivityInfo", "ActivityScope", "activity_in", "activity_info", "heartbeat"]


@attrs.frozen(kw_only=True)
class ActivityInfo:
    """What an activity may know of the attempt that runs.

    instance_id: of the orchestrator's instance. activity: the name. attempt: from 1; an attempt
    whose worker died is made again under its number.
    deadline: when this attempt times out (UTC), if it does. last_heartbeat: the details of the
    last heartbeat of an earlier attempt. idempotency_key: the same for every attempt of this
    call, and of no other call: give it to services that know such keys."""

    instance_id: str
    activity: str
    attempt: int
    deadline: datetime | None
    last_heartbeat: Any
    idempotency_key: str


class ActivityScope:
    """Within it, `activity_info` and `heartbeat` speak of this attempt. It is entered once."""

    __slots__ = ("_token", "heartbeat", "info")
    _token: Token[ActivityScope]

    def __init__(self, info: ActivityInfo, heartbeat: Callable[[Any], None]) -> None:
        self.info = info
        self.heartbeat = heartbeat

    def __enter__(self) -> None:
        self._token = _SCOPE.set(self)

    def __exit__(self, *error: object) -> None:
        _SCOPE.reset(self._token)


_SCOPE: Final[ContextVar[ActivityScope]] = ContextVar("durable_async.activity")
"""Where the scope stands that the calling code is within."""


def activity_in(context: Context) -> ActivityInfo | None:
    """Which attempt a context belongs to; None if it is of none."""
    scope = context.get(_SCOPE)
    return None if scope is None else scope.info


def activity_info() -> ActivityInfo:
    """Which attempt of which call runs here.

    Raises: DurableError outside an activity that a worker runs (also where its function is
    called as plain code: give it what it needs as an argument there).
    Known elsewhere as: Temporal activity.info.
    """
    scope = _SCOPE.get(None)
    if scope is None:
        raise DurableError(
            "da.activity_info() was called where no worker runs an activity. In plain runs and "
            "tests of the function alone, pass what you need of it (such as the idempotency key) "
            "as an argument"
        )
    return scope.info


def heartbeat(details: Any = None) -> None:
    """Say that this attempt is alive, and how far it is.

    details: a value that the next attempt finds in `activity_info().last_heartbeat`. May be
    called from the activity's thread, any number of times; the newest is stored once a second
    at most. Outside an activity that a worker runs it does nothing: so too in a thread that the
    activity began by itself, unless that runs in its context, as with asyncio.to_thread or
    `Thread(target=contextvars.copy_context().run, args=(function,))`. Records nothing in history.
    Raises: asyncio.CancelledError once the attempt is to stop: it was cancelled, it timed out, or
    its worker hands it back; SerializationError if the details have no stored form.
    Known elsewhere as: Temporal activity.heartbeat.
    """
    scope = _SCOPE.get(None)
    if scope is not None:
        scope.heartbeat(details)
