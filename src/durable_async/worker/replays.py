"""Keeps quiet what was said before. Invariant: a log record that an orchestrator made through plain
`logging` is let through once, when its line first ran; a replay of that line adds nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Final

from durable_async.dsl.context import is_replaying

__all__ = ["ReplayFilter"]

_OURS: Final = "durable_async."


class ReplayFilter(logging.Filter):
    """Drops records made while an episode replays, from handlers that are there when it is put on.

    Handlers, not loggers: a logger's filters do not see what its children log.
    """

    def __init__(self) -> None:
        super().__init__()
        self._filtered: list[logging.Handler] = []

    def filter(self, record: logging.LogRecord) -> bool:
        return record.name.startswith(_OURS) or not is_replaying()

    def put_on(self) -> None:
        for handler in _handlers():
            handler.addFilter(self)
            self._filtered.append(handler)

    def take_off(self) -> None:
        for handler in self._filtered:
            handler.removeFilter(self)
        self._filtered.clear()


def _handlers() -> Iterator[logging.Handler]:
    if logging.lastResort is not None:
        yield logging.lastResort
    root = logging.getLogger()
    yield from root.handlers
    for logger in list(root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):  # else a place for one that nobody asked for yet
            yield from logger.handlers
