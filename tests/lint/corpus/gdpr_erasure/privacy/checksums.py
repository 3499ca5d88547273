"""Checksums of what was exported, so that the subject can verify the archive."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import zlib
from collections.abc import Iterable
from concurrent.futures import Future
from functools import partial, singledispatchmethod
from typing import Any, BinaryIO

from privacy import _durable as d
from privacy.stores.blobs import list_blobs


class Digest:
    """Feeds anything into one hash."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.parts = 0

    @singledispatchmethod
    def feed(self, value: Any) -> Digest:
        raise TypeError(type(value).__name__)

    @feed.register
    def _(self, value: bytes) -> Digest:
        self._hash.update(value)
        self.parts += 1
        return self

    @feed.register
    def _(self, value: str) -> Digest:
        return self.feed(value.encode())

    def __format__(self, spec: str) -> str:
        return self._hash.hexdigest()[: int(spec or 64)]


def _copy(source: BinaryIO, digest: Digest) -> int:
    return sum(digest.feed(chunk).parts for chunk in iter(partial(source.read, 65_536), b""))


def _file_crc(path: str) -> int:
    with open(path, "rb") as source:  # expect: DUR122
        return zlib.crc32(source.read())


@d.step
def file_digest(path: str) -> str:
    digest = Digest()
    with open(path, "rb") as source:
        _copy(source, digest)
    return f"{digest:32}"


class Barrier:
    """Lets a scan wait for the nightly backup. The event is set from a thread of the backup client."""

    def __init__(self) -> None:
        self._event = threading.Event()  # expect: DUR131
        self.seen: asyncio.Event = asyncio.Event()

    def block(self, seconds: float) -> bool:
        return self._event.wait(seconds)  # expect: DUR102

    async def wait(self) -> bool:
        return await self.seen.wait()


def outcome(future: Future[str]) -> str:
    return future.result(timeout=5)


def combined(parts: Iterable[str]) -> str:
    digest = Digest()
    for part in sorted(set(parts)):
        digest.feed(part)
    return f"{digest:16}"


@d.process
async def checksum_archive(subject: str, root: str, quick: bool = False) -> dict[str, str]:
    names = await list_blobs(subject)
    barrier = Barrier()
    asyncio.get_running_loop().call_later(60, barrier.seen.set)
    await barrier.wait()
    if quick:
        crcs = [await asyncio.to_thread(_file_crc, f"{root}/{name}") for name in names]  # expect: DUR131
        return {name: f"{crc:08x}" for name, crc in zip(names, crcs, strict=True)}
    if not barrier.block(30.0):
        return {}
    digests = await asyncio.gather(*(file_digest(f"{root}/{name}") for name in names))
    return dict(zip(names, digests, strict=True)) | {"*": combined(digests)}
