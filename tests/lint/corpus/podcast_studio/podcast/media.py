"""Helpers about audio files. Written for the old cron job, since moved."""
import asyncio
import glob
import os
import wave
from collections import Counter
from pathlib import Path

STOP = {"the", "and", "a", "of"}


def merge(cuts):
    out = []
    for cut in sorted(cuts, key=lambda c: c.start):
        if out and cut.start <= out[-1].end:
            out[-1].end = max(out[-1].end, cut.end)
        else:
            out.append(cut)
    return out


def keywords(lines):
    words = Counter(w for line in lines for w in line.lower().split() if w not in STOP)
    top = {word for word, n in words.items() if n > 3}
    return list(map(str.title, top))  # expect: DUR134


def weigh(path):
    newest = max(glob.glob("/media/*.mp3"), key=os.path.getmtime)  # expect: DUR122
    if os.path.samefile(newest, path):  # expect: DUR122
        return os.stat(path).st_size  # expect: DUR122
    return duration(path)


def duration(path):
    with wave.open(path) as audio:  # expect: DUR122
        return audio.getnframes() // audio.getframerate()


async def checksum(path):
    process = await asyncio.create_subprocess_exec("sha256sum", path)  # expect: DUR123
    return str(process.pid)


def tidy(folder):
    for path in Path(folder).rglob("*.tmp"):
        path.unlink()
