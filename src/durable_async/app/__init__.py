"""Where the parts are put together. Invariant: this package alone knows both workers and engines.

`Client` opens an engine by its URL; `Worker` runs definitions for a client; `run` is both, for
one instance, in a script.
"""

from __future__ import annotations

from durable_async.app.client import DEFAULT_URL, Client
from durable_async.app.ids import default_id
from durable_async.app.script import run
from durable_async.app.worker import Worker

__all__ = ["DEFAULT_URL", "Client", "Worker", "default_id", "run"]
