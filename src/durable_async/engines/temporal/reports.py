"""What Temporal's library logs of failures. Invariant: a failure that was told of where it happened
is not logged again, nor are its stacks; other failures are none of our business.
"""

from __future__ import annotations

import logging
from typing import Final

from durable_async.engines.temporal.instance import HeldError
from durable_async.engines.temporal.payloads import ToldError

__all__ = ["ToldFilter"]

_LOGGERS: Final = tuple(
    logging.getLogger(name)
    for name in ("temporalio.activity", "temporalio.worker._workflow_instance")
)


class ToldFilter(logging.Filter):
    """Drops them, with the stacks of what hosts an activity, while it is put on."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HeldError):
            # Temporal's library is about to send it, and its core logs what it is sent.
            error.__traceback__ = None
        return not isinstance(error, HeldError | ToldError)

    def put_on(self) -> None:
        for logger in _LOGGERS:
            logger.addFilter(self)

    def take_off(self) -> None:
        for logger in _LOGGERS:
            logger.removeFilter(self)
