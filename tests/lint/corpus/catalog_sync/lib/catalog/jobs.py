from __future__ import annotations

import asyncio
import itertools
import os
import typing
from pathlib import PurePosixPath

import durable_async as durable
from durable_async import orchestrator as flow

from . import sources
from .sinks import Sink, write_product
from .sources import Feed, normalise
from .sources.feed import price_of

if typing.TYPE_CHECKING:
    from time import time

    Clock = typing.Callable[[], time]


def chunked(items, size):
    it = iter(items)
    while chunk := list(itertools.islice(it, size)):
        yield chunk


@flow(name="catalog.sync")
async def sync(text: str, sinks: int) -> dict[str, int]:
    settings = sources.parse_settings("[x]\ny = 1")
    feed = Feed(text)
    written: list[str] = []
    for chunk in chunked(feed, 20):
        rows = [{"name": normalise(row["name"]), "price": price_of(row)} for row in chunk]
        written += await asyncio.gather(*[write_product(row) for row in rows])
    sink = Sink()
    statuses = [await sink.push({"id": ident, "agent": sink.agent}) for ident in written]
    name = PurePosixPath(sink.shop).stem + os.sep
    return {name: len(statuses), **{key: 1 for key in settings}}


@flow
async def images(paths: list[str], blob: bytes) -> list[int]:
    sink = Sink()
    codes = []
    for path in paths:
        try:
            codes.append(await sink.optimise(path))
            await sink.nap()
        finally:
            return codes  # expect: DUR135
    Feed("").revive(blob)
    return codes


@flow
async def nightly(kind: str, settings_path: str) -> None:
    options = sources.read_settings(settings_path)
    maker = sources.load(kind)
    sink = Sink()
    for number in itertools.count():  # expect: DUR151
        await durable.sleep(86_400)
        write_product({"n": number, "v": str(sink.version()), **options})  # expect: DUR133
        maker("")


@flow
def broken(text: str) -> str:  # expect: DUR152
    return text


def make(prefix):
    @flow
    async def nested(text: str) -> str:  # expect: DUR152
        return prefix + text

    return nested


@flow
async def untyped(text, n: int):  # expect: DUR152
    await durable.sleep(n)
    return text
