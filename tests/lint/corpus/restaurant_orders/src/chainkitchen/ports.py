"""Ports of the ordering core. Adapters subclass these; the core never imports an adapter."""

from __future__ import annotations

import abc
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Lock

    from .domain.orders import Order


class Clock(abc.ABC):
    @abc.abstractmethod
    def current(self) -> datetime: ...


class TicketNumbers(abc.ABC):
    """Hands out the number that is printed on the kitchen slip."""

    lock: Lock | None = None

    @abc.abstractmethod
    def next_number(self, store: str) -> str: ...


class MenuSource(abc.ABC):
    @abc.abstractmethod
    def price_of(self, sku: str) -> int: ...

    def price_all(self, order: Order) -> int:
        return sum(self.price_of(line.sku) * line.quantity for line in order.lines)


class Loyalty(abc.ABC):
    @abc.abstractmethod
    def points(self, member: str) -> int: ...
