import asyncio
import functools
import os
import subprocess
from dataclasses import dataclass

from durable_async import activity, now, orchestrator, wait_for_event

from podcast import media
from podcast.feed import Feed, escape
from podcast.naming import episode_code, file_name, title_case
from podcast.tools import Toolbox


@dataclass
class Cut:
    start: float
    end: float
    reason: str = "silence"


@activity(timeout=900, on_lost="fail")
def render(code: str, cuts: list[Cut]) -> str:
    target = f"/media/{code}.mp3"
    subprocess.run(["ffmpeg", "-y", "-i", f"/raw/{code}.wav", target], check=True)
    os.chmod(target, 0o644)
    return target


@activity
async def transcribe(code: str) -> list[str]:
    process = await asyncio.create_subprocess_exec("whisper", code, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return out.decode().splitlines()


@activity
async def upload(path: str, feed: str) -> str:
    return f"https://cdn.example/{feed}/{os.path.basename(path)}"


@orchestrator
async def episode(show: str, number: int, cuts: list[Cut]) -> dict[str, str]:
    code = episode_code(show, number)
    tools = Toolbox.detect()
    if not tools.ready:
        os.system("apt-get install -y ffmpeg")  # expect: DUR123
    lines, path = await asyncio.gather(transcribe(code), render(code, media.merge(cuts)))
    keywords = media.keywords(lines)
    size = media.weigh(path)
    with Feed(show) as feed:
        feed.add(title_case(code), escape(path), size)
        feed += keywords
    share = functools.partial(upload, feed=show)
    url = await share(path)
    announcement = upload(path, "social")
    checksum = await media.checksum(path)
    await announcement
    return {"url": url, "sum": checksum, "name": file_name(code, lines)}


@orchestrator
async def season(show: str, count: int) -> list[str]:
    urls: list[str] = []
    tasks = {asyncio.create_task(episode(show, n, [])) for n in range(1, count + 1)}
    while tasks:
        done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            urls.append(task.result()["url"])
        now()
        if not urls:
            wait_for_event("go_on")  # expect: DUR133
    asyncio.sleep(5)  # expect: DUR133
    return sorted(urls)
