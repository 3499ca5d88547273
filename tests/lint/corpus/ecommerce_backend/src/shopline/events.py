"""An in-process event bus; handlers are subscribed at import time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from .models import AuditEntry

Handler = Callable[[str], None]

PUBLISHED: list[str] = []
TOPICS = ("paid", "shipped", "returned")


class EventBus:
    recent: list[str] = []

    def __init__(self) -> None:
        self._handlers: dict[str, list[Handler]] = defaultdict(list)
        self.pending: list[str] = []

    def subscribe(self, topic: str, handler: Handler) -> None:
        self._handlers[topic].append(handler)

    def publish(self, topic: str, order_id: str) -> AuditEntry:
        if topic not in TOPICS:
            raise ValueError(topic)
        self.pending.append(order_id)
        self.recent.append(topic)  # expect: DUR141
        PUBLISHED.append(f"{topic}:{order_id}")  # expect: DUR141
        for handler in self._handlers[topic]:
            handler(order_id)
        return AuditEntry(f"{topic} {order_id}")


def announce(order_id: str) -> None:
    print("shipped", order_id)  # expect: DUR143


def count_published() -> int:
    return len(PUBLISHED)  # expect: DUR141


def reset() -> None:
    """For tests."""
    PUBLISHED.clear()
