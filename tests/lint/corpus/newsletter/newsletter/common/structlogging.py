"""JSON lines for the log shipper."""
import json
import logging
import os
import socket
import sys
from datetime import datetime, timezone
from typing import Any

__all__ = ["Logger", "audit", "get_logger"]

HOST = socket.gethostname()


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps({"at": datetime.now(timezone.utc).isoformat(), "host": HOST, "msg": record.getMessage()})


class Logger:
    """Binds fields; ``bind`` gives a new logger."""

    def __init__(self, name: str, **fields: Any) -> None:
        self._log = logging.getLogger(name)
        self._fields = fields

    def bind(self, **fields: Any) -> "Logger":
        return Logger(self._log.name, **{**self._fields, **fields})

    def info(self, message: str, **fields: Any) -> None:
        self._log.info("%s %s", message, json.dumps({**self._fields, **fields}, default=str))

    def error(self, message: str, **fields: Any) -> None:
        self._log.error("%s %s", message, json.dumps({**self._fields, **fields, "pid": os.getpid()}, default=str))  # expect: DUR125


def get_logger(name: str) -> Logger:
    return Logger(name)


def audit(event: str, **fields: Any) -> None:
    """Audit lines go to stdout, where the shipper collects them."""
    print(json.dumps({"audit": event, **fields}, sort_keys=True), flush=True)  # expect: DUR143


def configure(level: str = "INFO") -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", level), handlers=[handler])
