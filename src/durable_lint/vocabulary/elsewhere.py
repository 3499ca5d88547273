"""Who is given a function that others call: another process, on another machine.

Invariant: what such a function does is not done by the code that hands it over.
"""

from typing import Final

__all__ = ["runs_elsewhere"]

_METHODS: Final = frozenset(
    {
        *("apply_async", "async_task", "delay", "enqueue", "enqueue_at", "enqueue_call"),
        *("enqueue_in", "enqueue_job", "enqueue_many", "send_task"),
    }
)
"""What queues of jobs call handing one over, whoever wrote them."""
_NAMES: Final = frozenset(
    {
        *("dask.distributed.Client.map", "dask.distributed.Client.submit"),
        *("django_q.tasks.schedule", "rq_scheduler.Scheduler.cron"),
        *("rq_scheduler.Scheduler.schedule", "rq.Queue.prepare_data"),
    }
)
_HERE: Final = ("asyncio.", "builtins.", "multiprocessing.")
"""Pools of this machine have an `apply_async` too, and may be pools of threads."""


def runs_elsewhere(name: str) -> bool:
    """Whether a library's function or method, by its qualified name, sends on what it is given."""
    return name in _NAMES or (name.rpartition(".")[2] in _METHODS and not name.startswith(_HERE))
