"""Readers of the upstream systems."""

from __future__ import annotations

import importlib

from pipelines.config import SourceConfig
from pipelines.sources.base import Partition, Reader

__all__ = ["Partition", "Reader", "reader_for"]

_BUILTIN = {"ftp": "pipelines.sources.ftp", "postgres": "pipelines.sources.postgres"}


def reader_for(config: SourceConfig) -> Reader:
    if config.kind == "postgres":
        from pipelines.sources.postgres import PostgresReader

        return PostgresReader(config)
    if config.kind == "ftp":
        from pipelines.sources.ftp import FtpReader

        return FtpReader(config)
    module = importlib.import_module(f"pipelines_contrib.{config.kind}")  # expect: DUR142
    return module.reader(config)


def available() -> list[str]:
    names = []
    for name, path in _BUILTIN.items():
        try:
            importlib.import_module(path)
        except ImportError:
            continue
        names.append(name)
    return names
