"""Checks register themselves by the kind of creative that they are for."""

from __future__ import annotations

import os
import typing as t
import uuid
from functools import cached_property, partialmethod, singledispatch

Check = t.Callable[[dict], str | None]
CHECKS: dict[str, list[Check]] = {}


def check(kind: str) -> t.Callable[[Check], Check]:
    def register(fn: Check) -> Check:
        CHECKS.setdefault(kind, []).append(fn)
        return fn

    return register


class Banner(t.NamedTuple):
    width: int
    height: int

    def ticket(self) -> str:
        return uuid.uuid1(clock_seq=self.width).hex  # expect: DUR112


class Video:
    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    @cached_property
    def cdn(self) -> str:
        return os.environ.get("VIDEO_CDN") or "cdn.example.org"  # expect: DUR124

    def _url(self, quality: str) -> str:
        return f"https://{self.cdn}/{self.seconds}/{quality}"

    high = partialmethod(_url, "high")
    low = partialmethod(_url, "low")


@singledispatch
def describe(creative: object) -> str:
    return type(creative).__name__


@describe.register
def _(creative: Banner) -> str:
    return f"{creative.width}x{creative.height} {creative.ticket()}"


@describe.register(Video)
def _(creative: Video) -> str:
    return creative.high()
