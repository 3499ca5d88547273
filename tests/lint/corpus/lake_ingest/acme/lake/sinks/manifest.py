"""Manifests: what a run has written, as a file that downstream jobs read."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import durable_async as da


class Manifest:
    def __init__(self, table: str) -> None:
        self.table = table
        self.partitions: set[str] = set()
        self.rows = 0

    def __iadd__(self, other: tuple[str, int]) -> Manifest:
        partition, rows = other
        self.partitions.add(partition)
        self.rows += rows
        return self

    def __len__(self) -> int:
        return len(self.partitions)

    def text(self) -> str:
        buffer = io.StringIO()
        json.dump({"table": self.table, "partitions": sorted(self.partitions), "rows": self.rows}, buffer)
        return buffer.getvalue()

    def lines(self) -> str:
        return "\n".join(f"{self.table}/{partition}" for partition in self.partitions)  # expect: DUR134


class ManifestWriter:
    """Keeps the manifest in a scratch file until the block is left."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._path: Path | None = None

    async def __aenter__(self) -> Manifest:
        handle = tempfile.NamedTemporaryFile(prefix=self._manifest.table, delete=False)  # expect: DUR122
        self._path = Path(handle.name)
        return self._manifest

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._path is not None and error is None:
            self._path.write_text(self._manifest.text())  # expect: DUR122


@contextlib.contextmanager
def ledger(path: str = ":memory:") -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path)) as connection:  # expect: DUR121
        yield connection


@da.activity
def publish_manifest(table: str, text: str) -> str:
    target = Path("/lake") / table / "_manifest"
    target.write_text(text)
    with ledger("/lake/ledger.db") as connection:
        connection.execute("insert into published values (?)", (table,))
    return str(target)
