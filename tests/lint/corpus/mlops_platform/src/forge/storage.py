"""Artifacts: a facade over object storage and the local disk."""

from __future__ import annotations

import contextlib
import os.path
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import boto3
import pandas as pd


class ArtifactStore:
    def __init__(self, bucket: str, root: str = "/srv/artifacts") -> None:
        self.bucket = bucket
        self.root = Path(root)

    def key(self, run: str, name: str) -> str:
        return str(PurePosixPath(self.bucket) / run / name)

    def local(self, run: str) -> Path:
        return self.root / run / "model.bin"

    def exists(self, run: str) -> bool:
        return self.local(run).is_file()  # expect: DUR122

    def size(self, run: str) -> int:
        return os.path.getsize(self.local(run))  # expect: DUR122

    def suffix(self, run: str) -> str:
        return os.path.splitext(os.path.basename(str(self.local(run))))[1]

    def fetch(self, run: str) -> bytes:
        client = boto3.client("s3")  # expect: DUR121
        client.download_file(self.bucket, run, "/tmp/model")  # expect: DUR121
        return Path("/tmp/model").read_bytes()  # expect: DUR122

    @contextlib.contextmanager
    def scratch(self) -> Iterator[str]:
        folder = tempfile.mkdtemp(prefix="forge-")  # expect: DUR122
        try:
            yield folder
        finally:
            shutil.rmtree(folder)  # expect: DUR122

    def archive(self) -> None:
        """Housekeeping from cron."""
        shutil.make_archive("/backup/artifacts", "zip", self.root)


def rows(path: str) -> int:
    return len(pd.read_csv(path))  # expect: DUR122


def frame(values: list[float]) -> float:
    return float(pd.DataFrame({"value": values})["value"].mean())
