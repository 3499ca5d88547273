"""The award ledger: entries are built by flows, written by activities."""

from __future__ import annotations

import dataclasses
import json
import os
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter

import durable_async as da
import httpx
from aiostream import stream

from tenders.io.activities import notify, publish

Format = Callable[["Entry"], str]


def _clerk() -> str:
    return os.getenv("CLERK", "nobody")  # expect: DUR124


@dataclasses.dataclass(frozen=True)
class Entry:
    tender: str
    text: str
    number: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))  # expect: DUR112
    clerk: str = dataclasses.field(default_factory=_clerk)
    made: datetime = dataclasses.field(default_factory=partial(datetime.now, UTC))  # expect: DUR101

    def __post_init__(self) -> None:
        if not self.text:
            print("empty entry for", self.tender)  # expect: DUR143


def as_json(entry: Entry) -> str:
    return json.dumps(dataclasses.asdict(entry), default=str, sort_keys=True)


def as_line(entry: Entry) -> str:
    time.sleep(0.01)  # expect: DUR102
    return f"{entry.number} {entry.text}"


def as_block(entry: Entry) -> str:
    source = compile(entry.text, "<entry>", "eval")  # expect: DUR142
    return f"{source.co_filename}\n{entry.text}"


def as_archive(entry: Entry) -> str:
    return f"{time.time()}:{os.getpid()}:{entry.text}"


FORMATS: dict[str, Format] = {"json": as_json, "line": as_line, "block": as_block}


def formatted(entries: Iterable[Entry], kind: str) -> list[str]:
    return list(map(FORMATS[kind], sorted(entries, key=attrgetter("text"))))


async def upload(lines: list[str]) -> int:
    async with httpx.AsyncClient() as client:
        reply = await client.put("https://ledger.example.com", json=lines)  # expect: DUR121
    return reply.status_code


async def chunks(lines: list[str]) -> list[str]:
    seen: list[str] = []
    async for chunk in stream.chunks(stream.iterate(lines), 10):  # expect: DUR132
        seen.extend(chunk)
    return seen


@da.orchestrator
async def close_tender(tender: str, texts: list[str], kind: str) -> str:
    entries = [Entry(tender, text) for text in texts]
    lines = await chunks(formatted(entries, kind))
    if await upload(lines) >= 400:
        return ""
    owners = {entry.clerk for entry in entries}
    told = 0
    for owner in owners:
        told += len(owner)
    await notify(", ".join(sorted(owners)), f"closed, {told}")
    try:
        return await publish(tender, lines)
    except:  # expect: DUR135
        notify(tender, "not published")  # expect: DUR133
        return ""


@da.orchestrator
async def ledger_heartbeat(tender: str) -> None:
    while True:  # expect: DUR151
        try:
            async with da.lock(f"ledger-{tender}"):
                await notify("clerk", tender)
        finally:
            await da.sleep(3600)
