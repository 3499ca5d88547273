"""Photos of damage: judged by a service, stored in a bucket."""

from __future__ import annotations

import asyncio
import hashlib
import pathlib
from dataclasses import dataclass
from uuid import uuid1, uuid5, NAMESPACE_URL

import aioboto3
from PIL import Image


@dataclass
class Photo:
    path: pathlib.Path
    taken: float

    @property
    def key(self) -> str:
        return f"{uuid5(NAMESPACE_URL, self.path.as_posix())}{self.path.suffix}"

    def fresh_key(self) -> str:
        return str(uuid1())  # expect: DUR112

    def size(self) -> int:
        return self.path.stat().st_size  # expect: DUR122

    def digest(self) -> str:
        return hashlib.md5(str(self.path).encode()).hexdigest()


async def thumbnail(photo: Photo) -> bytes:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, _thumbnail, photo.path)  # expect: DUR131


def _thumbnail(path: pathlib.Path) -> bytes:
    with Image.open(path) as image:  # expect: DUR122
        image.thumbnail((128, 128))
        return image.tobytes()


class Bucket:
    def __init__(self, name: str):
        self.name = name
        self.session = aioboto3.Session()

    async def has(self, key: str) -> bool:
        async with self.session.client("s3") as s3:  # expect: DUR121
            found = await s3.list_objects_v2(Bucket=self.name, Prefix=key)  # expect: DUR121
        return found["KeyCount"] > 0
