"""Who reads which study."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import operator
import os
import random
import secrets
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import InitVar, dataclass, field
from typing import Generic, TypeVar

import asyncpg
import dicomweb_client

T = TypeVar("T")


@dataclass
class Radiologist:
    name: str
    skills: frozenset[str] = frozenset()
    load: int = 0
    badge: str = field(init=False)
    site: InitVar[str] = "main"

    def __post_init__(self, site: str) -> None:
        self.badge = f"{site}-{secrets.token_hex(2)}"  # expect: DUR111

    def __lt__(self, other: Radiologist) -> bool:
        return self.load < other.load


class Chooser(Generic[T]):
    def __init__(self, items: Iterable[T], key: Callable[[T], int]) -> None:
        self._items = list(items)
        self._key = key
        self._local = threading.local()

    def __call__(self) -> T:
        best = min(map(self._key, self._items))
        return random.choice([item for item in self._items if self._key(item) == best])  # expect: DUR111


class LeastLoaded(Chooser[Radiologist]):
    def __init__(self, items: Iterable[Radiologist]) -> None:
        super().__init__(items, operator.attrgetter("load"))


class RoundRobin(Chooser[Radiologist]):
    turn = 0

    def __call__(self) -> Radiologist:
        type(self).turn += 1  # expect: DUR141
        return self._items[self.turn % len(self._items)]  # expect: DUR141


def skills_of(people: Iterable[Radiologist]) -> str:
    return "/".join(set().union(*(one.skills for one in people)))  # expect: DUR134


def skill_count(people: Iterable[Radiologist]) -> int:
    return len(set().union(*(one.skills for one in people)))


def chooser(kind: str, people: list[Radiologist]) -> Chooser[Radiologist]:
    kinds: dict[str, type[Chooser]] = {"least": LeastLoaded, "turns": RoundRobin}
    return kinds[kind](people)


def instance_uid(study: str) -> str:
    if study.startswith("1.2."):
        return study
    return f"2.25.{uuid.uuid4().int}"  # expect: DUR112


def shard(study: str, shards: int = 16) -> int:
    return int(hashlib.blake2s(study.encode()).hexdigest(), 16) % shards


async def prior_studies(patient: str) -> list[str]:
    connection = await asyncpg.connect(host="pacs")  # expect: DUR121
    with contextlib.closing(dicomweb_client.DICOMwebClient("https://pacs")):
        rows = await connection.fetch("select uid from studies where patient = $1", patient)  # expect: DUR121
    return [row["uid"] for row in rows]


async def guarded(work: Callable[[], object]) -> object:
    task = asyncio.current_task()
    try:
        return await asyncio.sleep(0, work())
    except asyncio.CancelledError:
        if task is not None and task.cancelling():
            raise
        raise TimeoutError from None


def site() -> str:
    return os.uname().nodename  # expect: DUR125
