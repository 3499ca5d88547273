"""Memories of agents."""

from __future__ import annotations

import abc
import json
import shelve
from collections import OrderedDict

import redis.asyncio


class BaseMemory(abc.ABC):
    """Keeps texts by key; `recall` is the template, the subclasses' `_fetch` does the work."""

    def __init__(self) -> None:
        self._recent: OrderedDict[str, list[str]] = OrderedDict()

    async def recall(self, key: str) -> list[str]:
        if key not in self._recent:
            self._recent[key] = await self._fetch(key)
        return self._recent[key]

    @abc.abstractmethod
    async def _fetch(self, key: str) -> list[str]: ...

    def remember(self, key: str, text: str) -> None:
        self._recent.setdefault(key, []).append(text)


class ShelfMemory(BaseMemory):
    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    async def _fetch(self, key: str) -> list[str]:
        return list(shelve.open(self._path).get(key, []))  # expect: DUR122


class RemoteMemory(BaseMemory):
    shared: dict[str, int] = {}

    def __init__(self, client: redis.asyncio.Redis) -> None:
        super().__init__()
        self._client = client

    async def _fetch(self, key: str) -> list[str]:
        self.shared[key] = self.shared.get(key, 0) + 1  # expect: DUR141
        return json.loads(await self._client.get(key) or "[]")  # expect: DUR121


class ScratchMemory(BaseMemory):
    async def _fetch(self, key: str) -> list[str]:
        return []
