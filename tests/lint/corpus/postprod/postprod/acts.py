import subprocess
from pathlib import Path

import durable_async as da


@da.activity(heartbeat_timeout=60)
def transcode(clip: str, codec: str) -> str:
    out = Path("/mnt/proxies") / f"{clip}.{codec}.mov"
    subprocess.run(["ffmpeg", "-i", clip, "-c:v", codec, str(out)], check=True)
    return str(out)


@da.activity
def publish(film: str, names: list[str]) -> int:
    print("publishing", film)
    return len(names)


@da.activity
async def mail(to: str, text: str) -> None: ...
