"""Upload to playable: probe, ladder, encode, package, publish."""

from __future__ import annotations

import asyncio
import io
import itertools
import uuid
from collections import ChainMap
from typing import IO, Any

import durable_async as da
import nanoid

from media.encoders import encoder_for
from media.ladder import build_ladder, ladder_keys, poster_time, preview_times, segment_lengths
from media.probe import Source, media_type, probe

DEFAULTS = {"segment": 6.0, "previews": 3}
drm_keys: dict[str, str] = {}


@da.activity
async def package(job: str, outputs: list[str]) -> str:
    drm_keys[job] = uuid.uuid4().hex
    await asyncio.sleep(0.5)
    return f"/packages/{job}/master.m3u8"


@da.activity
def publish(job: str, manifest: str, poster: float) -> str:
    return f"https://cdn.example.net/{job}{manifest}#t={poster:.1f}"


@da.activity
def store_caption(job: str, stream: IO[bytes]) -> int:  # expect: DUR152
    return len(stream.read())


def timecode(time: float) -> str:
    minutes, seconds = divmod(int(time), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"


def render_playlist(names: list[str], lengths: list[float]) -> str:
    out = io.StringIO("#EXTM3U\n")
    out.seek(0, io.SEEK_END)
    for name, seconds in itertools.zip_longest(names, lengths, fillvalue=6.0):
        out.write(f"#EXTINF:{seconds},\n{name}\n")
    return out.getvalue()


@da.orchestrator
async def transcode(key: str, options: dict[str, Any]) -> str:
    settings = ChainMap(options, DEFAULTS)
    source = await probe(key)
    job = f"{source.name}-{nanoid.generate(size=8)}"  # expect: DUR112
    if not media_type(key).startswith("video/") or source.size == 0:
        return "skipped"
    ladder = build_ladder(source)
    encoder = encoder_for(source, job)
    jobs = [asyncio.ensure_future(encoder.encode(source, rendition)) for rendition in ladder]
    da.set_custom_status({"renditions": ladder_keys(ladder), "previews": preview_times(source, settings["previews"])})
    outputs = await asyncio.gather(*jobs)
    # Captions travel as one more output.
    if source.sidecar():
        outputs.append(source.sidecar() or "")
    manifest = await package(job, outputs)
    playlist = render_playlist(outputs, segment_lengths(source.seconds, settings["segment"]))
    url = publish(job, manifest, poster_time(source))  # expect: DUR133
    da.get_logger("media").info("published %s (%s), playlist %d", job, timecode(source.seconds), len(playlist))
    return f"/watch/{job}"


@da.orchestrator
async def transcode_many(keys: set[str], options: dict[str, Any]) -> list[str]:
    children = [transcode(key, options) for key in sorted(keys)]
    running = {asyncio.create_task(child) for child in children}
    urls: list[str] = []
    while running:
        done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            urls.append(task.result())
    return urls


@da.orchestrator
async def watch_folder(prefix: str) -> None:
    async for key in da.events("uploaded", str):
        if not key.startswith(prefix):
            continue
        try:
            await transcode(key, {})
        except (asyncio.CancelledError, TimeoutError):  # expect: DUR135
            continue
        except Exception as error:
            da.get_logger("media").error("%s failed: %s", key, error)


@da.orchestrator
async def retranscode(sources: list[Source], budget: int) -> int:
    spent = 0
    while True:
        source = sources.pop()
        spent += int(source.seconds)
        if spent > budget or not sources:
            return spent
        await transcode(source.key, {"previews": 0})


@da.orchestrator
async def transcode_many(keys: list[str], limit: int) -> list[str]:  # expect: DUR152
    return [await transcode(key, {}) for key in keys[:limit]]
