"""Collects what the acquirer wants to see before the deadline."""

from __future__ import annotations

import abc
import asyncio
import shutil
import tempfile
import urllib.request
from contextlib import suppress
from pathlib import Path, PurePath

import durable_async as da

from disputes_model import Dispute, Evidence

ARCHIVE = Path("/srv/evidence")
_collectors: dict[str, type[Collector]] = {}


def collector(kind: str):
    def register(cls):
        _collectors[kind] = cls
        return cls

    return register


class Collector(abc.ABC):
    """One source of evidence; subclasses register themselves by kind."""

    def __init__(self, dispute: Dispute) -> None:
        self.dispute = dispute

    @abc.abstractmethod
    async def gather(self) -> list[Evidence]: ...

    def name(self, suffix: str) -> str:
        return str(PurePath(self.dispute.dispute_id).with_suffix(suffix))


@da.activity
def download(url: str, dispute_id: str) -> str:
    target = Path(tempfile.mkdtemp()) / PurePath(url).name
    with urllib.request.urlopen(url) as source, open(target, "wb") as out:
        shutil.copyfileobj(source, out)
    final = ARCHIVE / dispute_id / target.name
    final.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(target, final)
    return final.as_uri()


class ReceiptCollector(Collector):
    async def gather(self) -> list[Evidence]:
        url = await download(f"https://receipts.internal/{self.dispute.dispute_id}", self.dispute.dispute_id)
        return [Evidence("receipt", url)]


class ChatCollector(Collector):
    async def gather(self) -> list[Evidence]:
        folder = ARCHIVE / self.dispute.dispute_id / "chat"
        found = []
        for path in folder.iterdir():  # expect: DUR122
            found.append(Evidence("chat", path.as_uri()))
        return found


class DeliveryCollector(Collector):
    async def gather(self) -> list[Evidence]:
        with urllib.request.urlopen(f"https://tracking.internal/{self.name('.json')}") as answer:  # expect: DUR121
            proof = answer.read().decode()
        da.send_event("evidence-index", "added", proof)
        return [Evidence("delivery", proof)]


async def gather_evidence(dispute: Dispute) -> list[Evidence]:
    collectors: list[Collector] = [ReceiptCollector(dispute), ChatCollector(dispute), DeliveryCollector(dispute)]
    # Chats are slow to export, so everything is asked for at once.
    groups = await asyncio.gather(*(each.gather() for each in collectors))
    return [item for group in groups for item in group]


async def await_documents(limit: int) -> list[str]:
    names: list[str] = []
    with suppress(asyncio.CancelledError):  # expect: DUR135
        while len(names) < limit:
            names.append(await da.wait_for_event("document", str))
    return names


async def race_reminder(seconds: float) -> str:
    reminder = asyncio.create_task(asyncio.sleep(seconds))
    try:
        return await da.wait_for_event("answer", str)
    finally:
        reminder.cancel()
        with suppress(asyncio.CancelledError):
            await reminder


def purge_archive(older_than: float) -> int:
    stale = [p for p in ARCHIVE.rglob("*") if p.is_file() and p.stat().st_mtime < older_than]
    for path in stale:
        path.unlink()
    return len(stale)
