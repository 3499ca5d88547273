import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from operator import attrgetter
from pprint import pprint
from typing import BinaryIO

import durable_async as da

from .jobs import Encoders, probe
from .ladder import Codec, Ladder, Rendition, probe_locally, read_sidecar, scratch_name, spread
from .ladder.renditions import backoff

logger = logging.getLogger("farm")

HEIGHTS = {240, 360, 720, 1080}
STARTED: dict[str, int] = defaultdict(int)

_strategies: dict[str, Callable[[str], dict]] = {
    "local": probe_locally,
    "sidecar": read_sidecar,
}


def _inspect(path: str, how: str) -> dict:
    return _strategies[how](path)


@asynccontextmanager
async def slot(limit: asyncio.Semaphore) -> AsyncIterator[None]:
    await limit.acquire()
    try:
        yield
    finally:
        limit.release()


async def _encode(source: str, rendition: Rendition, limit: asyncio.Semaphore) -> str:
    async with slot(limit):
        for attempt in range(3):
            try:
                return await Encoders.encode(source, rendition.label(), rendition.kbps)
            except da.ActivityTimeoutError:
                await asyncio.sleep(backoff(attempt))
    raise RuntimeError(rendition.label())


@da.orchestrator
async def transcode_title(title: str, source: str, how: str) -> list[str]:
    STARTED[title] += 1  # expect: DUR141
    info = _inspect(source, how)
    await asyncio.sleep(spread(30, title))
    ladder = Ladder(HEIGHTS, {Codec.AVC, Codec.HEVC})
    limit = asyncio.Semaphore(4)
    renditions = list(ladder)
    renditions.sort(key=attrgetter("kbps"))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_encode(source, one, limit)) for one in renditions]
    outputs = [task.result() for task in tasks]
    if len(outputs) < len(ladder):
        pprint(outputs)  # expect: DUR143
    await da.start(package_title(title, outputs), id=f"package-{title}")
    logger.info("%s: %d renditions of %s", title, len(outputs), info.get("format"))
    return outputs


@da.orchestrator
async def package_title(title: str, outputs: list[str]) -> str:
    folder = scratch_name(title)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.sleep, 1)
        keys = []
        for output in outputs:
            keys.append(await Encoders.upload(output, f"{folder}/{output}"))
    probe(keys[0])  # expect: DUR133
    return ";".join(keys)


@da.orchestrator
async def ingest_stream(title: str, stream: BinaryIO) -> str:  # expect: DUR152
    info = await probe(title)
    return info["fps"]


@da.orchestrator
def thumbnails(title: str, every: float) -> list[str]:  # expect: DUR152
    return [f"{title}-{second}" for second in range(0, 600, int(every))]
