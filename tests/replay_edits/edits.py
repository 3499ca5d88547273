"""Changes of code, as people make them while instances are live.

Invariant: each one says, before anything is run, whether the recorded history of its program still
fits; the replay has to come to the same opinion. An edit is never changed to please it.

They stand in `edits/`, a file for each program: what was done, as a commit message would say it;
words that the error has to have; and what was replaced by what. "breaks" comes to another course
of events; "changes arguments" comes to the same one with other arguments, so that a worker goes on
with what was recorded, and warns; with "fits" the instance goes on as if nothing had happened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs

__all__ = ["BREAKING", "COMPATIBLE", "Edit"]

_FOLDER: Final = Path(__file__).parent / "edits"


@attrs.define
class Edit:
    """changes: what is replaced by what, each text standing in the program once. result: what the
    instance then comes to, if it is something else than before."""

    program: str
    kind: str
    what: str
    says: list[str] = attrs.field(factory=list)
    result: Any = None
    changes: list[tuple[str, str]] = attrs.field(factory=list)

    @property
    def id(self) -> str:
        return f"{self.program}: {self.what}"


def _edits(program: str, text: str) -> Iterator[Edit]:
    for entry in text.removesuffix("===\n").split("\n===\n"):
        heading, *changes = entry.strip("\n").split("\n--- was\n")
        first, *rest = heading.splitlines()
        kind, _, what = first.partition(": ")
        edit = Edit(program, kind, what)
        for line in rest:
            key, _, value = line.partition(": ")
            match key:
                case "says":
                    edit.says.append(value)
                case "result":
                    edit.result = json.loads(value)
                case _:
                    raise ValueError(f"{program}: {line!r} says nothing")
        for change in changes:
            was, _, becomes = f"{change}\n".partition("\n+++ is\n")
            edit.changes.append((was, becomes.removesuffix("\n")))
        yield edit


def _all() -> Iterator[Edit]:
    for file in sorted(_FOLDER.glob("*.txt")):
        yield from _edits(file.stem, file.read_text())


_EDITS: Final = tuple(_all())

BREAKING: Final = tuple(edit for edit in _EDITS if edit.kind in ("breaks", "changes arguments"))
COMPATIBLE: Final = tuple(edit for edit in _EDITS if edit.kind == "fits")
