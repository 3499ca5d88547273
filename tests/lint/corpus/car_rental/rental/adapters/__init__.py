from __future__ import annotations

from .base import Adapters
from .live import LiveAdapters

__all__ = ["Adapters", "build"]


def build(desk: str) -> Adapters:
    return LiveAdapters(desk)
