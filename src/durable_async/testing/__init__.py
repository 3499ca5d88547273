"""Tests of durable code. Invariant: no test waits for time to pass.

`environment` runs orchestrators and activities in the test's process, with a clock that skips;
`replay` compares a recorded history with today's code.
"""

from durable_async.dsl.http import http_activity
from durable_async.dsl.sending import HttpAnswer, HttpRequest
from durable_async.testing.environment import CrashPolicy, Environment, environment
from durable_async.testing.replays import replay

__all__ = [
    "CrashPolicy",
    "Environment",
    "HttpAnswer",
    "HttpRequest",
    "environment",
    "http_activity",
    "replay",
]
