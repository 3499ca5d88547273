"""probe -> plan -> encode -> concat -> upload"""
from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path, PurePosixPath

import durable_async as da

from . import activities, plugins
from .plugins import Segment, Task

OUT = PurePosixPath("/srv/farm/out")
ALWAYS = frozenset({"h264", "thumbs"})
log = da.get_logger(__name__)


def plan_all(names: list[str], segments: list[Segment], out_dir: str) -> list[Task]:
    tasks = []
    for plugin in map(plugins.get, names):
        for segment in segments:
            tasks += plugin.plan(segment, out_dir)
    return tasks


async def encode_bounded(tasks: list[Task], width: int) -> dict[str, str]:
    """At most ``width`` at a time; gives target by ticket."""
    gate = asyncio.Semaphore(width)
    done: dict[str, str] = {}

    async def one(task: Task) -> None:
        async with gate:
            done[task.ticket] = await activities.encode(task)

    async with asyncio.TaskGroup() as group:
        for task in tasks:
            group.create_task(one(task))
    return done


async def encode_until_failed(tasks: list[Task]) -> list[str]:
    pending = {asyncio.create_task(activities.encode(t)) for t in tasks}
    targets = []
    try:
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
            targets += [task.result() for task in done]
    finally:
        for task in pending:
            task.cancel()
    return targets


async def concat_first(parts: dict[str, list[str]]) -> list[str]:
    """Renditions in the order in which they get ready."""

    async def join(key: str) -> str:
        target = str(OUT / f"{key}.joined")
        return await activities.concat(sorted(parts[key]), target)

    ready = []
    for next_ready in asyncio.as_completed({join(key) for key in parts}):  # expect: DUR134
        ready.append(await next_ready)
    return ready


def by_rendition(targets: list[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for target in targets:
        groups[PurePosixPath(target).stem.rsplit("-", 1)[1]].append(target)
    return groups


@da.orchestrator
async def transcode(source: str, encoders: list[str], fast: bool = False) -> list[str]:
    segments = await activities.probe(source, 30_000)
    out_dir = OUT / PurePosixPath(source).stem
    wanted = ALWAYS | set(encoders)
    if missing := wanted - set(plugins.available()):
        log.warning("no built-in plugin for %s", missing)
    names = list(wanted)  # expect: DUR134
    tasks = plan_all(names, segments, str(out_dir))
    da.set_custom_status({"segments": len(segments), "tasks": len(tasks)})
    if fast:
        targets = await encode_until_failed(tasks)
    else:
        targets = list((await encode_bounded(tasks, 16)).values())
    joined = await concat_first(by_rendition(targets))
    await activities.upload(joined, out_dir.name)
    if Path(source).stat().st_size > 1 << 30:  # expect: DUR122
        await asyncio.sleep(60)
    return joined


@da.orchestrator(version="2")
async def package_title(title: str, sources: list[str]) -> dict[str, list[str]]:
    """One child per source. Sources may be given twice; each is encoded once."""
    unique = set(sources)
    children = {source: da.start(transcode(source, []), id=f"{title}/{PurePosixPath(source).name}") for source in sorted(unique)}
    refs = await asyncio.gather(*children.values())
    results = {}
    for source, ref in zip(children, refs, strict=True):
        try:
            results[source] = await ref.result()
        except* ValueError as group:
            log.error("%s failed: %s", source, group.exceptions)
    return results
