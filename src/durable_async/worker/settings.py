"""How a worker works. Invariant: what is set is set before it starts, and never changes."""

from __future__ import annotations

import os
import socket

import attrs

from durable_async.model.options import DEFAULT_QUEUE
from durable_async.worker.guard import GuardMode
from durable_async.worker.progress import Observer

__all__ = ["Settings", "default_identity"]


def default_identity() -> str:
    """Host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


@attrs.frozen(kw_only=True)
class Settings:
    """See `Worker` for what users may set.

    only: takes on these instances, their descendants, and no others. learns: definitions become
    known when an orchestrator awaits them. observer: told of every step. release: a part of the
    fingerprint of its definitions, so that two that look alike may differ. retries_blocked:
    instances that are blocked are tried again, though the definitions may be those that they
    failed with. strict: changed arguments are a mismatch, not just a warning.
    """

    max_activities: int = 100
    queues: frozenset[str] = frozenset((DEFAULT_QUEUE,))
    cache: int = 10_000
    identity: str = attrs.field(factory=default_identity)
    drain_timeout: float = 30.0
    guard: GuardMode = "audit"
    only: frozenset[str] | None = None
    learns: bool = False
    observer: Observer | None = None
    release: str = ""
    retries_blocked: bool = False
    strict: bool = False
