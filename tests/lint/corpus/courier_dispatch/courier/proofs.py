"""Proofs of delivery: pictures and signatures."""

import asyncio
import contextlib
import io
import os
import random
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

import durable_async as da


@dataclass
class Proof:
    parcel: str
    pictures: list[str] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    at: float = 0.0

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.at, tz=timezone.utc)


class Camera:
    lock: "threading.Lock | None" = None

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.session = uuid.uuid4()

    @da.activity(retry=da.RetryPolicy(max_attempts=2))
    def shoot(self, parcel: str) -> str:
        target = self.folder / f"{parcel}-{self.session.hex}-{time.time_ns()}.jpg"
        with tempfile.NamedTemporaryFile(dir=self.folder) as file:
            file.write(os.urandom(16))
            shutil.copy(file.name, target)
        print("picture", target)
        return str(target)

    @da.activity
    async def delete(self, picture: str) -> None:
        await asyncio.to_thread(os.unlink, picture)
        await asyncio.sleep(random.random())


@contextlib.asynccontextmanager
async def pictures(parcel: str, count: int) -> AsyncIterator[list[str]]:
    taken: list[str] = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks = {group.create_task(Camera.shoot(parcel)) for _ in range(count)}
        for task in tasks:
            taken.append(task.result())
        yield taken
    except OSError:
        for picture in reversed(taken):
            await Camera.delete(picture)
        raise


def caption(proof: Proof, open: bool) -> str:
    with contextlib.closing(io.StringIO()) as out:
        out.write(f"{proof.parcel} {'open' if open else 'closed'} {proof.moment:%H:%M}")
        return out.getvalue()


def parse_meta(text: str) -> dict[str, str]:
    try:
        return dict(pair.split("=", 1) for pair in text.split(";"))
    except:  # noqa: E722
        return {}


@da.orchestrator
async def prove_delivery(parcel: str, meta: str, code: str) -> Proof:
    proof = Proof(parcel, meta=parse_meta(meta), at=da.now().timestamp())
    try:
        async with pictures(parcel, 2) as taken:
            proof.pictures = taken
            entered = await asyncio.wait_for(da.wait_for_event("code", str), timeout=300)
    except BaseException as error:
        da.set_custom_status(repr(error))
        raise RuntimeError(caption(proof, True)) from error
    proof.meta["code"] = "ok" if entered == code else "wrong"
    proof.meta["id"] = str(da.uuid4())
    return proof
