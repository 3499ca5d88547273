from __future__ import annotations

import fnmatch
import os.path
from collections.abc import AsyncIterator, Iterator
from pathlib import Path, PurePath

from .base import Source, batched


class DirectorySource(Source):
    scheme = "file"
    pattern = "*.jsonl"

    def _files(self) -> Iterator[str]:
        for entry in Path(self.location).iterdir():  # expect: DUR122
            if fnmatch.fnmatch(entry.name, self.pattern) and not self.hidden(entry):
                yield str(entry)

    @staticmethod
    def hidden(path: PurePath) -> bool:
        return any(part.startswith(".") for part in path.parts)

    async def batches(self, size: int) -> AsyncIterator[list[str]]:
        async for batch in batched(self._files(), size):
            yield batch


class GzipDirectorySource(DirectorySource):
    scheme = "file+gz"
    pattern = "*.jsonl.gz"

    def _files(self) -> Iterator[str]:
        yield from (name for name in super()._files() if self.big_enough(name))

    def big_enough(self, name: str) -> bool:
        return os.path.getsize(name) > 64  # expect: DUR122


def partition_of(key: str) -> str:
    """``year=2024/month=05/x.jsonl`` -> ``year=2024/month=05``"""
    return os.path.dirname(os.path.normpath(key))


def table_of(key: str) -> str:
    stem, _ = os.path.splitext(os.path.basename(key))
    return stem.partition("-")[0]
