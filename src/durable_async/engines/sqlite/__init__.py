"""An engine that keeps everything in one SQLite file. Start reading at `engine`."""

from __future__ import annotations

from durable_async.engines.sqlite.engine import SqliteEngine

__all__ = ["SqliteEngine"]
