"""What Temporal's library logs of failures. Invariant: a failure that was told of where it happened
is not logged again; those of other workers of the process are none of our business.
"""

from __future__ import annotations

import logging
from typing import Final

from durable_async.engines.temporal.payloads import ToldError

__all__ = ["ToldFilter"]

_LOGGER: Final = logging.getLogger("temporalio.activity")


class ToldFilter(logging.Filter):
    """Drops them, with the stacks of what hosts an activity, while it is put on."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], ToldError))

    def put_on(self) -> None:
        _LOGGER.addFilter(self)

    def take_off(self) -> None:
        _LOGGER.removeFilter(self)
