from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime


def short_code() -> str:
    return uuid.uuid4().hex[:6]  # expect: DUR112


@dataclass(slots=True)
class Line:
    sku: str
    quantity: int = 1
    note: str | None = None


@dataclass
class Order:
    id: str
    guest: str
    table: int
    lines: list[Line] = field(default_factory=list)
    allergies: set[str] = field(default_factory=set)


@dataclass
class Receipt:
    order_id: str
    cents: int
    code: str = field(default_factory=short_code)
    issued: float = field(default_factory=time.time)  # expect: DUR101


@dataclass
class TerminalPing:
    """Sent by the tablets, never made by a flow."""

    terminal: str
    nonce: str = field(default_factory=lambda: uuid.uuid1().hex)
    at: datetime = field(default_factory=datetime.now)
