"""Shared types of the support flows."""

from __future__ import annotations

import enum
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NewType

TicketId = NewType("TicketId", str)


class Priority(enum.Enum):
    URGENT = timedelta(hours=1)
    HIGH = timedelta(hours=8)
    NORMAL = timedelta(days=2)


@dataclass
class Ticket:
    id: TicketId
    subject: str
    body: str
    tags: set[str] = field(default_factory=set)
    priority: Priority = Priority.NORMAL

    def due(self, opened: datetime) -> datetime:
        return opened + self.priority.value


@dataclass
class Draft:
    """Made by the editor in the browser, never by a flow."""

    text: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    typed_at: float = field(default_factory=time.time)


@dataclass
class Verdict:
    queue: str
    confidence: float
    reasons: list[str] = field(default_factory=list)

    @classmethod
    def unsure(cls) -> Verdict:
        return cls("humans", 0.0, ["no rule matched"])
