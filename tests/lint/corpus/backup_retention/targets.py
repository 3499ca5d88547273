"""Backup targets: object storage, tape robot, the second site."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import tarfile
import threading
import time
from abc import ABC, abstractmethod
from typing import BinaryIO

import boto3
import durable_async as da
import requests

from retention import Snapshot

BUCKET = os.environ.get("BACKUP_BUCKET", "backups")
CHUNK = 8 * 1024 * 1024


@da.activity(timeout=6 * 3600, heartbeat_timeout=120)
def upload(database: str, key: str) -> int:
    s3 = boto3.client("s3")
    path = f"/var/dumps/{database}.dump"
    da.heartbeat({"started": time.time()})
    s3.upload_file(path, BUCKET, key)
    return os.path.getsize(path)


@da.activity
def delete(key: str) -> bool:
    boto3.client("s3").delete_object(Bucket=BUCKET, Key=key)
    return True


@da.activity
def read_checksum(source: BinaryIO) -> str:  # expect: DUR152
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


class Target(ABC):
    name = "target"

    def __init__(self) -> None:
        self._guard = threading.Lock()  # expect: DUR131

    @abstractmethod
    def free_bytes(self) -> int: ...

    def has_room(self, size: int) -> bool:
        return self.free_bytes() > 2 * size

    def key(self, database: str, number: int) -> str:
        return f"{self.name}/{database}/{number:06d}"


class DiskTarget(Target):
    name = "disk"

    def __init__(self, mount: str) -> None:
        super().__init__()
        self.mount = os.path.abspath(mount)  # expect: DUR122

    def free_bytes(self) -> int:
        return shutil.disk_usage(self.mount).free  # expect: DUR122

    def unpack(self, archive: str) -> list[str]:
        with tarfile.open(archive) as source:
            source.extractall(self.mount)
            return source.getnames()


class RemoteTarget(Target):
    name = "remote"

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def free_bytes(self) -> int:
        answer = requests.get(f"{self.url}/free", timeout=3)  # expect: DUR121
        if answer.status_code == 503:
            time.sleep(random.random())  # expect: DUR102, DUR111
            return 0
        return answer.json()["bytes"]


class TapeTarget(Target):
    """The robot answers once a day; its inventory comes with the request."""

    name = "tape"

    def __init__(self, inventory: dict[str, int]) -> None:
        super().__init__()
        self.inventory = dict(inventory)

    def free_bytes(self) -> int:
        return sum(self.inventory.values())

    def key(self, database: str, number: int) -> str:
        label = min(self.inventory, key=self.inventory.__getitem__)
        return f"{label}/{super().key(database, number)}"


def pick_target(kind: str, where: str, inventory: dict[str, int]) -> Target:
    match kind:
        case "disk":
            return DiskTarget(where)
        case "remote":
            return RemoteTarget(where)
        case _:
            return TapeTarget(inventory)


def total_size(snapshots: list[Snapshot]) -> int:
    return sum(snapshot.size for snapshot in snapshots)
