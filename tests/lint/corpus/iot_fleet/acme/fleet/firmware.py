"""Images, signatures and deltas."""

import hashlib
import importlib
import os
import shutil
import subprocess
from pathlib import Path, PurePath

import durable_async as da

CACHE_DIR = Path("/var/cache/firmware")
CHUNK = 1 << 20


class Image:
    def __init__(self, name: str, version: str):
        self.name = name
        self.version = version

    @property
    def path(self) -> Path:
        return CACHE_DIR / self.name / f"{self.version}.bin"

    def digest(self) -> str:
        sha = hashlib.sha256()
        with self.path.open("rb") as stream:  # expect: DUR122
            while block := stream.read(CHUNK):
                sha.update(block)
        return sha.hexdigest()

    def __len__(self) -> int:
        return os.path.getsize(self.path)  # expect: DUR122

    def __enter__(self) -> "Image":
        subprocess.check_call(["fwsign", "--verify", str(self.path)])  # expect: DUR123
        return self

    def __exit__(self, *exc: object) -> None:
        shutil.rmtree(self.path.parent / "tmp", ignore_errors=True)  # expect: DUR122

    def __str__(self) -> str:
        return PurePath(self.name, self.version).as_posix()


def delta_codec(name: str):
    """Codecs are plug-ins."""
    module = importlib.import_module(f"acme.codecs.{name}")  # expect: DUR142
    return module.Codec()


@da.activity
def download(name: str, version: str) -> int:
    image = Image(name, version)
    image.path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(f"/mnt/releases/{image}", image.path)
    return len(image)


def prune(keep: int = 3) -> None:
    for old in sorted(CACHE_DIR.iterdir())[:-keep]:
        shutil.rmtree(old)
