"""The audit trail. Entries are collected in the workflow and written by an activity."""
from __future__ import annotations

import datetime as dt
import getpass
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from temporalio import workflow


@dataclass
class Entry:
    what: str
    detail: dict[str, Any]
    at: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))  # expect: DUR101
    key: str = field(default_factory=lambda: str(workflow.uuid4()))


class Trail:
    def __init__(self, claim: str, actor: str | None = None) -> None:
        self.claim = claim
        self.actor = actor or getpass.getuser()  # expect: DUR125
        self._entries: list[Entry] = []

    def note(self, what: str, **detail: Any) -> None:
        self._entries.append(Entry(what, detail))
        workflow.logger.info("%s: %s", self.claim, what)

    def drain(self) -> list[dict[str, Any]]:
        entries, self._entries = self._entries, []
        return [asdict(e) for e in entries]

    def __len__(self) -> int:
        return len(self._entries)


def request_id() -> str:
    """For the activities' HTTP calls."""
    return uuid.uuid4().hex
