"""Data that crosses the workflow boundary."""
from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import date, datetime

TASK_QUEUE = "claims"


class Stage(enum.StrEnum):
    RECEIVED = "received"
    TRIAGE = "triage"
    ADJUSTING = "adjusting"
    APPROVED = "approved"
    DENIED = "denied"
    CLOSED = "closed"


@dataclass
class Document:
    name: str
    kind: str
    sha256: str = ""


@dataclass
class Claim:
    number: str
    policy: str
    cents: int
    happened: str
    documents: list[Document] = field(default_factory=list)

    @property
    def date_of_loss(self) -> date:
        return date.fromisoformat(self.happened)

    def age_in_days(self, at: datetime) -> int:
        return (at.date() - self.date_of_loss).days

    def kinds(self) -> frozenset[str]:
        return frozenset(d.kind for d in self.documents)


@dataclass
class Decision:
    approved: bool
    cents: int = 0
    reasons: list[str] = field(default_factory=list)
    by: str = "auto"
