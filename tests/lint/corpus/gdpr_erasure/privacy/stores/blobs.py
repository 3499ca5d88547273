from __future__ import annotations

import asyncio
import pickle
import shelve
from pathlib import Path
from typing import Any

from privacy._durable import engine, step

from .base import Erased, Store

ROOT = Path("/srv/blobs")
GRACE = 30 * 86_400


@step
def list_blobs(subject: str) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(f"{subject}/**/*") if path.is_file())


@step(timeout=60)
def shred(name: str) -> str:
    target = ROOT / name
    target.write_bytes(b"\0" * target.stat().st_size)
    target.unlink()
    return name


class BlobStore(Store):
    retention_days = 30

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root

    async def erase(self, subject: str) -> Erased:
        if (self._root / subject).is_dir():  # expect: DUR122
            await asyncio.sleep(GRACE)
        names = await list_blobs(subject)
        receipts = [await receipt for receipt in map(shred, names)]
        return Erased("blobs", len(receipts), tuple(receipts))

    async def export(self, subject: str) -> dict[str, Any]:
        base = await super().export(subject)
        profile = (self._root / subject / "profile.pkl").read_bytes()  # expect: DUR122
        base["profile"] = pickle.loads(profile)  # expect: DUR142
        base["where"] = str(self._root.joinpath(subject).with_suffix(".zip").as_posix())
        return base


def open_index() -> shelve.Shelf[Any]:
    """For the maintenance shell."""
    return shelve.open(str(ROOT / "index"))


async def settle() -> None:
    await engine.sleep(GRACE)
