"""Logging from orchestrators. Invariant: a line is logged when it first happens, not when it is
replayed, and says which instance it is about."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

from durable_async.dsl.context import running

__all__ = ["OrchestratorLogger", "get_logger"]


class OrchestratorLogger(logging.LoggerAdapter[logging.Logger]):
    """A logger that is silent in replay and adds the instance's ids to its records."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802  # logging's name
        runtime = running()
        if runtime is not None and (runtime.is_replaying() or runtime.is_closed()):
            return False
        return super().isEnabledFor(level)

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        runtime = running()
        if runtime is None:
            return msg, kwargs
        info = runtime.info()
        extra = {"instance_id": info.instance_id, "execution_id": info.execution_id}
        kwargs["extra"] = extra | dict(kwargs.get("extra") or {})
        return f"[{info.instance_id}] {msg}", kwargs


def get_logger(name: str) -> OrchestratorLogger:
    """A logger for orchestrators, under `name` in the standard logging tree.

    Silent while replaying; each record carries `instance_id` and `execution_id`, and its message
    begins with the instance's id. In ordinary code it is that logger and nothing else.
    Known elsewhere as: Temporal workflow.logger.
    """
    return OrchestratorLogger(logging.getLogger(name), {})
