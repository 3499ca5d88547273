"""Logging from orchestrators. Invariant: a line is logged when it first happens, not when it is
replayed, and says which instance or entity it is about."""

from __future__ import annotations

import logging
from typing import Any

from durable_async.dsl.context import operating, running

__all__ = ["OrchestratorLogger", "get_logger"]


class OrchestratorLogger(logging.LoggerAdapter[logging.Logger]):
    """A logger that is silent in replay and adds the instance's ids to its records."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802  # logging's name
        runtime = running()
        if runtime is not None and (runtime.is_replaying() or runtime.is_closed()):
            return False
        return super().isEnabledFor(level)

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        if not self.isEnabledFor(level):
            return
        prefix, extra = _where()
        if extra:
            kwargs["extra"] = extra | dict(kwargs.get("extra") or {})
        if args:  # the message will be formatted, and an id may have a % in it
            prefix = prefix.replace("%", "%%")
        kwargs["stacklevel"] = kwargs.get("stacklevel", 1) + 1  # tell the user's line
        self.logger.log(level, f"{prefix}{msg}" if prefix else msg, *args, **kwargs)


def _where() -> tuple[str, dict[str, str]]:
    """What a message begins with, and what its record carries, where the calling code runs."""
    runtime = running()
    if runtime is not None:
        info = runtime.info()
        extra = {"instance_id": info.instance_id, "execution_id": info.execution_id}
        return f"[{info.instance_id}] ", extra
    operation = operating()
    if operation is not None:
        entity = operation.entity
        return f"[{entity.type} {entity.key}] ", {"entity": entity.type, "key": entity.key}
    return "", {}


def get_logger(name: str) -> OrchestratorLogger:
    """A logger for orchestrators, under `name` in the standard logging tree.

    Silent while replaying; each record carries `instance_id` and `execution_id`, and its message
    begins with the instance's id. In an operation of an entity it carries `entity` and `key`. In
    ordinary code it is that logger and nothing else.
    Known elsewhere as: Temporal workflow.logger.
    """
    return OrchestratorLogger(logging.getLogger(name), {})
