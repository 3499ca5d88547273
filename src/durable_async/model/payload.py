"""A value as bytes. Invariant: whoever holds a Payload needs no knowledge of the value in it."""

from __future__ import annotations

from typing import Final

import attrs

__all__ = ["PAYLOAD_LIMIT", "PAYLOAD_WARNING", "RAW_LIMIT", "Payload"]

PAYLOAD_LIMIT: Final = 2 * 1024 * 1024
"""Bytes that one payload may have as it is stored: after the codec, if there is one."""

PAYLOAD_WARNING: Final = 256 * 1024
"""Bytes from which a payload is worth a warning: every replay reads it again."""

RAW_LIMIT: Final = 64 * 1024 * 1024
"""Bytes that one payload may have before the codec, which may make it smaller or put it elsewhere:
whoever reads it holds it in memory."""


@attrs.frozen
class Payload:
    """data: the value's stored form. encoding: how to read it ("json", or a codec's name)."""

    data: bytes
    encoding: str = "json"
