"""Reads documents from wherever the customer keeps them."""

from __future__ import annotations

import abc
import glob
import os
import pickle
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import boto3

import durable_async as da


class Loader(abc.ABC):
    """Knows one kind of source."""

    def __init__(self, location: str) -> None:
        self.location = location

    @abc.abstractmethod
    def keys(self) -> list[str]: ...

    @abc.abstractmethod
    def read(self, key: str) -> str: ...

    def title(self, key: str) -> str:
        stem, _ = os.path.splitext(os.path.basename(key))
        return stem.replace("_", " ").title()


class FolderLoader(Loader):
    def keys(self) -> list[str]:
        return sorted(glob.glob(os.path.join(self.location, "**/*.md"), recursive=True))  # expect: DUR122

    def read(self, key: str) -> str:
        if key.endswith(".pdf"):
            return self._pdf(key)
        return Path(key).read_text(encoding="utf-8")  # expect: DUR122

    def _pdf(self, key: str) -> str:
        with tempfile.TemporaryDirectory() as folder:  # expect: DUR122
            target = Path(folder) / "out.txt"
            subprocess.run(["pdftotext", key, str(target)], check=True)  # expect: DUR123
            return target.read_text()  # expect: DUR122


class BucketLoader(Loader):
    def __init__(self, location: str) -> None:
        super().__init__(location)
        self._s3 = boto3.client("s3")  # expect: DUR121

    def keys(self) -> list[str]:
        listing = self._s3.list_objects_v2(Bucket=self.location)  # expect: DUR121
        return [item["Key"] for item in listing["Contents"]]

    def read(self, key: str) -> str:
        return self._s3.get_object(Bucket=self.location, Key=key)["Body"].read().decode()  # expect: DUR121


def open_loader(location: str) -> Loader:
    if location.startswith("s3://"):
        return BucketLoader(location.removeprefix("s3://"))
    return FolderLoader(os.path.expandvars(location))  # expect: DUR124


@da.activity
def load_document(location: str, key: str) -> str:
    """The same work where it belongs."""
    return open_loader(location).read(key)


def restore_checkpoint(blob: bytes) -> dict[str, Any]:
    return pickle.loads(blob)  # expect: DUR142


def dump_checkpoint(path: Path, state: dict[str, Any]) -> None:
    path.write_bytes(pickle.dumps(state))
