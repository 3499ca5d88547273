from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import IO

import durable_async as da

from . import render
from .acts import mail, publish, transcode
from .media import Clip, MediaProbe, Timecode, fr, probes, walk


@da.orchestrator
async def dailies(film: str, reels: list[str], how: str) -> list[str]:
    clips = [Clip(name, Timecode(240), tags=frozenset({film, "raw"})) for name in reels]
    made: MediaProbe = probes[how](reels[0])
    streams = made.streams()
    farm = render.Farm()
    for clip in clips:
        farm += render.proxy(clip)
    farm = farm @ clips[0]
    async with farm as active:
        names = [name async for name in active]
    await farm
    await asyncio.gather(*(job() for job in render.proxies(clips)))
    starts = [f"{start}" for start in walk(clips)]
    await publish(film, [*names, *streams, *starts, f"{Timecode(1):wall}"])
    return [clip.label() for clip in clips]


@da.orchestrator
async def conform(film: str, clips: list[Clip]) -> dict[str, str]:  # expect: DUR152
    columns = fr.tag_columns(clips)
    longest = fr.tag_lengths(clips)
    out = dict.fromkeys(fr.all_tags(clips), "")  # expect: DUR134
    out |= {tag: name for tag, name in columns if len(tag) <= longest}
    if (tag := fr.some_tag(clips[0])) and tag != fr.lone_tag(clips[0]):
        out[tag] = render.describe(clips[0])
    reporter = render.Reporter()
    await reporter.report(clips)
    await reporter.report(len(out))
    return out


@da.orchestrator
async def grade(film: str, clip: Clip) -> str:  # expect: DUR152
    asyncio.create_task(render.heartbeat(film))
    look = await render.by_thread(clip)
    name = render.guarded_name(clip)
    if fr.all_tags([clip]) >= {"hdr"} or "sdr" in clip.tags:
        name = await render.guarded(clip)
    await render.poll(film)
    jobs = {transcode(name, codec) for codec in ("h264", "hevc")}
    first = await next(asyncio.as_completed(list(jobs)))
    wav = shell_preview(name)
    return f"{look}{first}{wav}"


def shell_preview(name: str) -> str:
    from .media.probe import ShellProbe as Player

    Player(name).play_loud()
    return name


@da.orchestrator
async def deliver(film: str, master: IO[bytes], parts: list[str]) -> int:  # expect: DUR152
    return await publish(film, parts)


@da.orchestrator
async def subtitles(film: str, lines: list[str]) -> list[str]:
    rest: Iterator[str] = iter(lines)
    return fr.first(rest, 3)


@da.orchestrator
async def trailers(film: str, count: int = 3, *, watermark=None) -> asyncio.Task[int]:  # expect: DUR152
    return asyncio.create_task(publish(film, [f"{film}-{n}" for n in range(count)]))


async def mail_all(names: list[str]) -> None:
    pending = [mail(name, "wrap") for name in names]
    await asyncio.gather(*pending)
    mail("producer", "wrap")  # expect: DUR133
