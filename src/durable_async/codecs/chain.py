"""Several codecs, one after the other. Invariant: what they did is undone in the opposite order."""

from __future__ import annotations

import itertools
from typing import Final

from durable_async.codecs.marks import fingerprint_of
from durable_async.model.payload import Payload
from durable_async.ports import Codec

__all__ = ["ChainCodec"]

_DEEDS: Final = {1: "compresses", 2: "encrypts", 3: "puts elsewhere"}


class ChainCodec:
    """Applies codecs from left to right: `ChainCodec(CompressionCodec(), EncryptionCodec(keys),
    OffloadCodec(store))`.

    Raises: ValueError for an order that does not do what it seems to: what is encrypted cannot be
    compressed, and what is put elsewhere before it is encrypted lies there for all to read.
    """

    def __init__(self, *codecs: Codec) -> None:
        ranked = [codec for codec in codecs if getattr(codec, "rank", None) in _DEEDS]
        for earlier, later in itertools.pairwise(ranked):
            if _rank(earlier) >= _rank(later):
                raise ValueError(
                    f"{earlier!r} {_DEEDS[_rank(earlier)]} before {later!r} "
                    f"{_DEEDS[_rank(later)]}: compress, then encrypt, then put elsewhere, each once"
                )
        self._codecs = codecs

    def __repr__(self) -> str:
        return f"ChainCodec({', '.join(map(repr, self._codecs))})"

    @property
    def fingerprint(self) -> str:
        return ";".join(filter(None, map(fingerprint_of, self._codecs)))

    def encode(self, payload: Payload) -> Payload:
        for codec in self._codecs:
            payload = codec.encode(payload)
        return payload

    def decode(self, payload: Payload) -> Payload:
        for codec in reversed(self._codecs):
            payload = codec.decode(payload)
        return payload


def _rank(codec: Codec) -> int:
    return int(getattr(codec, "rank", 0))
