"""Which critical section the calling code is in. Invariant: code is inside exactly while the
section holds its locks: a task that was made inside and outlives it is outside from then on.

A context variable says it, so that tasks made inside are inside too. An orchestrator begins in an
empty context, and so does not see those of others.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

import attrs

from durable_async.errors import LockError
from durable_async.model.identity import NAMED_LOCK, EntityId

__all__ = ["Section", "enter", "leave", "refuse_in_section", "section_around"]


@attrs.define(eq=False, kw_only=True)
class Section:
    """entities: that it has locked. number: of its lock request. line: where it began."""

    entities: frozenset[EntityId]
    number: int
    line: str
    is_open: bool = True

    def describe(self) -> str:
        """Its locks, for people."""
        return ", ".join(
            repr(each.key) if each.type == NAMED_LOCK else f"{each.type} {each.key!r}"
            for each in sorted(self.entities)
        )


_SECTION: Final[ContextVar[Section | None]] = ContextVar("durable_async.section", default=None)


def section_around() -> Section | None:
    """The section that the calling code is in; None if it is in none."""
    section = _SECTION.get()
    return section if section is not None and section.is_open else None


def enter(section: Section) -> None:
    _SECTION.set(section)


def leave(section: Section) -> None:
    """From here on nobody is inside, whatever context they run in."""
    section.is_open = False
    if _SECTION.get() is section:
        _SECTION.set(None)


def refuse_in_section(what: str, line: str) -> None:
    """what: is done at `line` ("file:line"), e.g. "orchestrator 'ship' is called".

    Raises LockError inside a section; nowhere else.
    """
    section = section_around()
    if section is not None:
        raise LockError(
            f"{what} at {line or 'an unknown line'}, inside the critical section that began at "
            f"{section.line} and holds {section.describe()}. What it waits for may wait for this "
            "section, for ever: do it before `async with da.lock(...)`, or after it"
        )
