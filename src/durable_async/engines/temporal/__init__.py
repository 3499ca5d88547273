"""A Temporal cluster as an engine. Invariant: orchestrators and activities are the same as
elsewhere; Temporal's own library is used by what is in here, and by nothing else.

To find your way: `instance` is the workflow that hosts the core (`execution`), `commands` asks
Temporal for what the code asks, `activities` runs attempts; `entities` has the workflow of one.
`engine` is what clients see, over a `connection` and by `reading`; `service` is what a worker runs.
`payloads`, `memos` and `snapshots` say how things are stored there.
"""

from __future__ import annotations

from durable_async.errors import EngineLimitError

try:
    import temporalio as _temporalio
except ImportError as error:
    raise EngineLimitError(
        "a URL 'temporal://...' needs the extra 'temporal': pip install 'durable-async[temporal]'"
    ) from error

from durable_async.engines.temporal.address import Address, address_of
from durable_async.engines.temporal.engine import TemporalEngine
from durable_async.engines.temporal.service import TemporalService, replayer

__all__ = ["Address", "TemporalEngine", "TemporalService", "address_of", "replayer"]

del _temporalio
