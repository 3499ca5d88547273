"""The payment service's ledger: a file that says what it did with money, and how requests fared.

Invariant: entries are only ever appended, numbered from 1; one about money is on disk before
anybody hears of it.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import attrs
import msgspec

Kind = Literal["charged", "declined", "refunded", "repeated", "unavailable", "dropped"]

MONEY: Final = frozenset[Kind]({"charged", "declined", "refunded"})


@attrs.frozen(kw_only=True)
class Entry:
    """One line of the ledger.

    charged, declined, refunded: what was decided about money, once for each key. repeated: a
    request whose key was known, answered as the first time. unavailable: a request turned away,
    with nothing done. dropped: one that was carried out, but never answered.
    """

    number: int
    at: datetime
    kind: Kind
    order: str
    key: str
    cents: int = 0
    reason: str = ""


class Ledger:
    """The ledger, open for writing. One thread at a time."""

    def __init__(self, path: Path) -> None:
        self.entries = read_ledger(path) if path.exists() else []
        self._file = path.open("ab")
        self._file.truncate(_end_of_last_line(path))

    def append(
        self, kind: Kind, order: str, key: str, *, cents: int = 0, reason: str = ""
    ) -> Entry:
        entry = Entry(
            number=len(self.entries) + 1,
            at=datetime.now(UTC),
            kind=kind,
            order=order,
            key=key,
            cents=cents,
            reason=reason,
        )
        self._file.write(msgspec.json.encode(attrs.asdict(entry)) + b"\n")
        self._file.flush()
        if kind in MONEY:
            os.fsync(self._file.fileno())
        self.entries.append(entry)
        return entry

    def close(self) -> None:
        self._file.close()


def read_ledger(path: Path) -> list[Entry]:
    """All entries, oldest first.

    A last line that was cut short by a crash is left out: nobody was answered on its account.
    """
    lines = path.read_bytes()[: _end_of_last_line(path)].splitlines()
    return [msgspec.json.decode(line, type=Entry) for line in lines]


def _end_of_last_line(path: Path) -> int:
    return path.read_bytes().rfind(b"\n") + 1
