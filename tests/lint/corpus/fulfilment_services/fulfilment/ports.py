"""What the services need from outside. Structural, so nothing has to inherit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import socket
    from datetime import datetime

    from .domain import Order, OrderId


class Clock(Protocol):
    def __call__(self) -> datetime: ...


@runtime_checkable
class AuditSink(Protocol):
    def write(self, record: dict[str, Any]) -> None: ...


class OrderRepository(Protocol):
    async def get(self, order_id: OrderId) -> Order: ...

    async def mark(self, order_id: OrderId, status: str) -> None: ...


class LabelTransport(Protocol):
    def connect(self, host: str) -> socket.socket: ...
