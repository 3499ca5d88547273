"""Definitions of our own. Invariant: every worker has all of them, and users' definitions cannot
have their names.
"""

from __future__ import annotations

from durable_async.dsl.http import http_activity
from durable_async.dsl.schedules import schedule

__all__ = ["built_in"]


def built_in() -> tuple[object, ...]:
    """What every worker is given beside the user's functions."""
    return (schedule, http_activity)
