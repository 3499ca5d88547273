"""Texts in conditions for Temporal's visibility. Invariant: what stands in a condition is compared
as it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

__all__ = ["is_plain", "moment_text", "plain_beginning", "quoted"]

_NOT_PLAIN: Final = frozenset("'\"\\")


def quoted(text: str) -> str:
    """text: without quotes and backslashes."""
    return f"'{text}'"


def moment_text(moment: datetime) -> str:
    return quoted(moment.isoformat(timespec="microseconds").replace("+00:00", "Z"))


def is_plain(text: str) -> bool:
    """Whether visibility compares it as it is."""
    return not _NOT_PLAIN & set(text)


def plain_beginning(text: str) -> str:
    end = next((place for place, each in enumerate(text) if each in _NOT_PLAIN), len(text))
    return text[:end]
