"""Entities: one per parcel, and the numbering of permits."""
from __future__ import annotations

import time
import uuid
from typing import Any

import attrs
import durable_async as da
import requests


class Numbered:
    """Mixed into everything that hands out numbers."""

    def fresh(self) -> str:
        return f"{uuid.uuid4()}"  # expect: DUR112

    def durable(self) -> str:
        return f"{da.uuid4()}"

    def _legacy(self) -> str:
        return str(uuid.uuid1())


@da.entity
@attrs.define
class Parcel(Numbered):
    permits: list[str] = attrs.field(factory=list)
    touched: float = 0.0

    def grant(self, kind: str) -> str:
        number = f"{kind}-{len(self.permits)}"
        self.permits.append(number)
        self.touched = da.now().timestamp()
        return number

    def touch(self) -> float:
        self.touched = time.time()  # expect: DUR101
        return self.touched

    def verify(self, owner: str) -> bool:
        return requests.head(f"https://registry.example.gov/{owner}", timeout=3).ok  # expect: DUR121

    def revoke(self, number: str) -> None:
        self.permits.remove(number)


@attrs.define
class ParcelView:
    """What the web pages show."""

    permits: list[str]

    def stale(self) -> bool:
        return time.time() - 60 > len(self.permits)

    @classmethod
    def fetch(cls, key: str) -> Any:
        return requests.get(f"https://permits.example.gov/{key}", timeout=3).json()
