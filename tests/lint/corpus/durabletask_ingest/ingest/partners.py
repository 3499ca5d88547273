"""What is particular about each partner."""

from __future__ import annotations

import pickle
import time
from abc import ABC, abstractmethod
from os import cpu_count
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from ingest.model import Feed


class Partner(ABC):
    registry: ClassVar[dict[str, type[Partner]]] = {}
    name: ClassVar[str]

    def __init_subclass__(cls) -> None:
        Partner.registry[cls.name] = cls

    @abstractmethod
    def parallelism(self, feed: Feed) -> int: ...

    def settle_seconds(self) -> int:
        return 60

    def describe(self) -> str:
        return f"{self.name} since {time.ctime(0)}"


class Acme(Partner):
    name = "acme"

    def parallelism(self, feed: Feed) -> int:
        return cpu_count() or 4  # expect: DUR125

    def settle_seconds(self) -> int:
        time.sleep(0.5)  # expect: DUR102
        return 120


class Globex(Partner):
    name = "globex"

    def __init__(self, profile: bytes | None = None) -> None:
        self.profile = pickle.loads(profile) if profile else {}  # expect: DUR142

    def parallelism(self, feed: Feed) -> int:
        return int(self.profile.get("parallel", len(feed.columns) or 1))

    def cool_down(self) -> None:
        # called by the importer between two files
        time.sleep(5)


def partner_of(feed: Feed, profile: bytes | None) -> Partner:
    if feed.partner == "globex":
        return Globex(profile)
    return Acme()
