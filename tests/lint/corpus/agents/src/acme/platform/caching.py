"""A two-level cache: memory, then redis."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import orjson
from redis.asyncio import Redis

P = ParamSpec("P")
R = TypeVar("R")

_memory: dict[str, Any] = {}


def _connect() -> Redis:
    return Redis.from_url(os.environ["REDIS_URL"])  # expect: DUR124


def key_of(name: str, *parts: object) -> str:
    return hashlib.blake2s(orjson.dumps([name, *map(str, parts)])).hexdigest()


def memoised(fn: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    @wraps(fn)
    async def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        key = key_of(fn.__name__, *args)
        if key not in _memory:  # expect: DUR141
            _memory[key] = await fn(*args, **kwargs)  # expect: DUR141
        return _memory[key]  # expect: DUR141

    return inner


class SharedCache:
    def __init__(self, redis: Redis | None = None, prefix: str = "acme:") -> None:
        self.redis = redis or _connect()
        self.prefix = prefix

    async def get(self, key: str) -> bytes | None:
        return await self.redis.get(self.prefix + key)  # expect: DUR121

    async def put(self, key: str, value: bytes, ttl: int = 600) -> None:
        await self.redis.set(self.prefix + key, value, ex=ttl)

    async def close(self) -> None:
        await self.redis.aclose()


class LocalCache:
    """The same face, per object."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes | None:
        return self._values.get(key)

    async def put(self, key: str, value: bytes, ttl: int = 600) -> None:
        self._values[key] = value
