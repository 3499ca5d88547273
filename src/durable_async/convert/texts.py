"""Texts and moments that name something. Invariant: what passes can be stored, and found again
under the same characters, or at the same moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

__all__ = ["ID_LIMIT", "check_text", "checked_id", "checked_tags", "in_utc"]

ID_LIMIT: Final = 255
"""Characters that an instance id may have."""


def check_text(text: object, *, what: str, lines: bool = False) -> None:
    """Refuse what cannot be stored and found again.

    lines: whether it may have several lines.
    Raises: TypeError if it is no str; ValueError if it is empty, has a control character or a
    half of a surrogate pair.
    """
    if not isinstance(text, str):
        raise TypeError(f"{what} must be a str, not {text!r} of type {type(text).__name__}")
    if not text:
        raise ValueError(f"{what} must not be empty")
    if text.isprintable():  # most are, and then there is neither
        return
    for character in text:
        if "\ud800" <= character <= "\udfff":
            raise ValueError(f"{what} has half a surrogate pair, and no stored form: {text!r}")
        if not lines and (character < " " or "\x7f" <= character <= "\x9f"):
            raise ValueError(f"{what} has a control character: {text!r}. Use printable characters")


def checked_id(id: object) -> str:
    """Raises: as `check_text`; ValueError if it is too long."""
    check_text(id, what="an instance id")
    assert isinstance(id, str)
    if len(id) > ID_LIMIT:
        raise ValueError(
            f"an instance id has at most {ID_LIMIT} characters; this one has {len(id)}: "
            f"{id[:40]!r}..."
        )
    return id


def checked_tags(tags: Mapping[str, str] | None) -> dict[str, str]:
    """A copy. Raises: TypeError if they are no mapping; as `check_text`; a value may be empty."""
    if tags is not None and not isinstance(tags, Mapping):
        raise TypeError(
            f"tags must map names to values, as {{'team': 'billing'}}, not {tags!r} of type "
            f"{type(tags).__name__}"
        )
    checked = {} if tags is None else dict(tags)
    for key, value in checked.items():
        check_text(key, what="the name of a tag")
        if value != "":
            check_text(value, what=f"tag {key!r}", lines=True)
    return checked


def in_utc(moment: object, *, what: str) -> datetime:
    """The same moment. Raises: TypeError if it is none; ValueError if it names no time zone."""
    if not isinstance(moment, datetime):
        raise TypeError(
            f"{what} must be a datetime, not {moment!r} of type {type(moment).__name__}. Write "
            "datetime(..., tzinfo=UTC)"
        )
    if moment.tzinfo is None:
        raise ValueError(
            f"{what} is {moment.isoformat()}, which names no time zone. Write "
            "datetime(..., tzinfo=UTC), or use the zone that is meant"
        )
    return moment.astimezone(UTC)
