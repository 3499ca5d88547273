"""What a person wants to hear, and when."""

from __future__ import annotations

import datetime
import os
import zoneinfo
from dataclasses import dataclass, field
from functools import cached_property

import redis.asyncio as redis

import durable_async as da

_muted: set[str] = set()
_pool = redis.ConnectionPool.from_url("redis://localhost")


@dataclass
class Preferences:
    user: str
    channels: frozenset[str] = frozenset({"email"})
    zone: str = "UTC"
    loaded: datetime.datetime = field(default_factory=datetime.datetime.now)  # expect: DUR101

    @cached_property
    def tz(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.zone)

    def ordered(self) -> list[str]:
        return [c for c in ("push", "sms", "email") if c in self.channels]

    def awake(self, hours: tuple[int, int] = (8, 21)) -> bool:
        local = da.now().astimezone(self.tz)
        return hours[0] <= local.hour < hours[1]


class PreferenceStore:
    def __init__(self, client: redis.Redis):
        self._client = client

    async def get(self, user: str) -> Preferences:
        raw = await self._client.hgetall(f"prefs:{user}")  # expect: DUR121
        return Preferences(user, frozenset(raw.get("channels", "email").split(",")), raw.get("zone", "UTC"))

    async def mute(self, user: str) -> None:
        _muted.add(user)  # expect: DUR141
        await self._client.set(f"mute:{user}", "1", ex=3600)  # expect: DUR121

    def is_muted(self, user: str) -> bool:
        return user in _muted or user in os.environ.get("MUTED", "")  # expect: DUR124, DUR141

    async def close(self) -> None:
        await self._client.aclose()


def default_store() -> PreferenceStore:
    return PreferenceStore(redis.Redis(connection_pool=_pool))


@da.activity
async def load_preferences(user: str) -> Preferences:
    store = default_store()
    try:
        return await store.get(user)
    except BaseException:
        return Preferences(user)
    finally:
        await store.close()
