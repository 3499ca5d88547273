"""Values shared by the refund and dispute flows."""

from __future__ import annotations

import enum
import os
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

EVIDENCE_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://disputes.internal")
PROCESS_TITLE = f"disputes-{os.getpid()}"


class Stage(str, enum.Enum):
    OPENED = "opened"
    EVIDENCE = "evidence"
    REPRESENTED = "represented"
    WON = "won"
    LOST = "lost"


@dataclass
class Evidence:
    kind: str
    url: str
    id: uuid.UUID = field(init=False)

    def __post_init__(self) -> None:
        self.id = uuid.uuid5(EVIDENCE_NAMESPACE, f"{self.kind}:{self.url}")


@dataclass
class AuditEntry:
    text: str
    tags: list[str] = field(default_factory=list)
    at: float | None = None

    def __post_init__(self) -> None:
        if self.at is None:
            self.at = datetime.now(timezone.utc).timestamp()  # expect: DUR101


@dataclass
class Dispute:
    dispute_id: str
    amount_minor: int
    reason: str
    deadline: datetime
    stage: Stage = Stage.OPENED
    evidence: list[Evidence] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)

    def move(self, stage: Stage, why: str) -> None:
        self.audit.append(AuditEntry(f"{self.stage.value} -> {stage.value}: {why}"))
        self.stage = stage

    @property
    def time_left(self) -> timedelta:
        return self.deadline - datetime.now(timezone.utc)  # expect: DUR101

    @property
    def shard(self) -> int:
        return hash(self.dispute_id) % 8  # expect: DUR125

    def __lt__(self, other: Dispute) -> bool:
        return self.deadline < other.deadline


def overdue(disputes: list[Dispute], at: datetime) -> list[Dispute]:
    return [d for d in disputes if d.deadline < at]


def log_prefix() -> str:
    return f"[{PROCESS_TITLE}]"


def demo_dispute() -> Dispute:
    return Dispute(str(uuid.uuid4()), 4_200, "fraud", datetime.now(timezone.utc) + timedelta(days=7))
