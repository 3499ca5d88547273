"""A directory that holds payloads. Invariant: under its name a payload is there as a whole or not
at all, whenever the process, or the machine, stops.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from pathlib import Path
from typing import Final

__all__ = ["DirectoryStore"]

_KEY: Final = re.compile(r"[0-9a-f]{8,128}")
_UNFINISHED: Final = ".unfinished-"


class DirectoryStore:
    """A store for `OffloadCodec` in a directory that all processes share.

    path: is made if it is missing. A payload is a file `ab/abcdef...` of its own; it is written
    beside its name, flushed to the disk, and then named. Files that begin with
    ".unfinished-" were left by a crash, and may be removed.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    def __repr__(self) -> str:
        return f"DirectoryStore({str(self._path)!r})"

    def put(self, key: str, data: bytes, /) -> None:
        """Raises: OSError; ValueError for what is no key."""
        file = self.file_of(key)
        with contextlib.suppress(OSError):
            if file.stat().st_size == len(data):
                # So that a rule which drops old files counts from the last use.
                os.utime(file)
                return
        self._make(file.parent)
        handle, unfinished = tempfile.mkstemp(prefix=_UNFINISHED, dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as writing:
                writing.write(data)
                writing.flush()
                os.fsync(writing.fileno())
            Path(unfinished).replace(file)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(unfinished).unlink()
            raise
        _flush_names(file.parent)

    def get(self, key: str, /) -> bytes:
        """Raises: FileNotFoundError, or another OSError; ValueError for what is no key."""
        return self.file_of(key).read_bytes()

    def file_of(self, key: str) -> Path:
        """Where the payload is, or would be. Raises: ValueError for what is no key: a name from
        a store must not lead out of the directory."""
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no key: it has 8 to 128 hexadecimal digits")
        return self._path / key[:2] / key

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            for above in (self._path, self._path.parent):
                _flush_names(above)


def _flush_names(folder: Path) -> None:
    """So that a name survives a loss of power as well as what it names. Windows has no such
    thing, and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
