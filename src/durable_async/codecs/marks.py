"""What codecs write in front of a payload's encoding. Invariant: a mark has no slash in it, so that
the first slash ends it."""

from __future__ import annotations

from collections.abc import Iterable

from durable_async.ports import Codec

__all__ = ["fingerprint_of", "marked", "unmarked"]


def marked(mark: str, encoding: str) -> str:
    """The encoding of a payload to which what `mark` says was done."""
    return f"{mark}/{encoding}"


def unmarked(encoding: str, marks: Iterable[str]) -> tuple[str, str] | None:
    """The mark, if the encoding begins with one of these, and the encoding below it."""
    mark, slash, below = encoding.partition("/")
    return (mark, below) if slash and mark in marks else None


def fingerprint_of(codec: Codec | None) -> str:
    """What the codec says of what it can read now (see `EncryptionCodec.fingerprint`); "" if it
    says nothing."""
    return str(getattr(codec, "fingerprint", ""))
