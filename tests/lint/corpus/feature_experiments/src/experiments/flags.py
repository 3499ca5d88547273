"""Flags and who sees them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import yaml

KILL_SWITCH = os.environ.get("FLAGS_OFF") == "1"


@dataclass(frozen=True)
class Flag:
    name: str
    percent: float = 0.0
    variants: tuple[str, ...] = ("off", "on")

    def bucket(self, user: str) -> int:
        digest = hashlib.sha1(f"{self.name}:{user}".encode()).digest()
        return int.from_bytes(digest[:4], "big") % 10_000

    def legacy_bucket(self, user: str) -> int:
        return hash((self.name, user)) % 10_000  # expect: DUR125

    def variant(self, user: str, *, legacy: bool = False) -> str:
        bucket = self.legacy_bucket(user) if legacy else self.bucket(user)
        return self.variants[bucket < self.percent * 100]

    def at(self, percent: float) -> Flag:
        return replace(self, percent=percent)


@dataclass
class FlagSet:
    _current: ClassVar[list[FlagSet]] = []
    flags: dict[str, Flag] = field(default_factory=dict)
    owners: set[str] = field(default_factory=set)

    @classmethod
    def load(cls, path: str = "flags.yaml") -> FlagSet:
        base = os.environ.get("FLAGS_HOME") or os.path.expanduser("~/.flags")  # expect: DUR124
        with (Path(base) / path).open() as stream:  # expect: DUR122
            raw = yaml.safe_load(stream)
        return cls({name: Flag(name, **spec) for name, spec in raw.items()})

    @contextlib.contextmanager
    def active(self) -> Iterator[FlagSet]:
        FlagSet._current.append(self)  # expect: DUR141
        try:
            yield self
        finally:
            FlagSet._current.pop()  # expect: DUR141

    def __getitem__(self, name: str) -> Flag:
        if "--flags-off" in sys.argv:  # expect: DUR125
            return Flag(name)
        return self.flags[name]

    def __contains__(self, name: str) -> bool:
        return name in self.flags

    def mail_to(self) -> str:
        return ";".join(self.owners)  # expect: DUR134

    def describe(self) -> str:
        return ", ".join(sorted(self.owners)) + f" ({len(self.flags)} flags)"
