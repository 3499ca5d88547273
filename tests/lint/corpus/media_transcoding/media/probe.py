"""What is known about a source file before it is transcoded."""

from __future__ import annotations

import json
import mimetypes
import os
import subprocess
from dataclasses import dataclass
from os import path as osp
from pathlib import Path, PurePosixPath

import durable_async as da


@dataclass(frozen=True)
class Source:
    key: str
    width: int
    height: int
    seconds: float

    @property
    def name(self) -> str:
        return osp.splitext(osp.basename(self.key))[0]

    @property
    def extension(self) -> str:
        return PurePosixPath(self.key).suffix.lower()

    @property
    def local_path(self) -> Path:
        return Path("/mnt/media") / self.key

    @property
    def size(self) -> int:
        return self.local_path.stat().st_size  # expect: DUR122

    def sidecar(self) -> str | None:
        candidate = osp.join("/mnt/media", f"{self.name}.srt")
        return candidate if osp.isfile(candidate) else None  # expect: DUR122


@da.activity(timeout=120)
def probe(key: str) -> Source:
    output = subprocess.check_output(["ffprobe", "-print_format", "json", f"/mnt/media/{key}"])
    stream = json.loads(output)["streams"][0]
    return Source(key, stream["width"], stream["height"], float(stream["duration"]))


def media_type(key: str) -> str:
    kind, _ = mimetypes.guess_type(PurePosixPath(key).name)
    return kind or "application/octet-stream"


def scratch_dir(job: str) -> str:
    base = os.path.expandvars("$SCRATCH/transcode")  # expect: DUR124
    return os.path.normpath(os.path.join(base, job))


def newest(folder: str) -> Path:
    return max(Path(folder).iterdir(), key=lambda p: p.stat().st_mtime)
