"""The team's defaults on top of durable_async."""

from functools import partial

import durable_async
from durable_async import RetryPolicy
from durable_async import activity as step
from durable_async import orchestrator as workflow

PATIENT = RetryPolicy(max_attempts=8, initial_interval=2.0, max_interval=300.0)
ONCE = RetryPolicy(max_attempts=1)

patient_step = partial(durable_async.activity, retry=PATIENT)

__all__ = ["ONCE", "PATIENT", "patient_step", "step", "workflow"]
