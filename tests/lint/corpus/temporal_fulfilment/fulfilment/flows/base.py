"""What every kind of order has: state, notes, compensation, handlers."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from common.money import Money, set_rate
    from fulfilment import activities as acts

SHORT = timedelta(seconds=30)


@dataclass
class Order:
    number: int
    shop: str
    lines: list[str]
    prices: list[Decimal] = field(default_factory=list)
    currency: str = "EUR"

    @property
    def money(self) -> list[Money]:
        return [Money(price, self.currency) for price in self.prices]


class OrderFlow(ABC):
    retry: ClassVar[RetryPolicy] = RetryPolicy(maximum_attempts=5)
    flagged: ClassVar[list[str]] = []

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.tags: set[str] = set()
        self.on_hold = False
        self._undo: list[Callable[[], Awaitable[Any]]] = []

    @abstractmethod
    async def deliver(self, order: Order) -> str: ...

    async def process(self, order: Order) -> str:
        try:
            await self.reserve(order)
            await workflow.wait_condition(lambda: not self.on_hold)
            return await self.deliver(order)
        except asyncio.CancelledError:  # expect: DUR135
            await self.compensate()
            return "cancelled"
        except Exception:
            await self.compensate()
            raise

    async def reserve(self, order: Order) -> None:
        for line in order.lines:
            await self.call(acts.reserve_stock, order.number, line)
            self._undo.append(lambda line=line: self.call(acts.release_stock, order.number, line))

    async def compensate(self) -> None:
        while self._undo:
            await self._undo.pop()()

    async def call(self, activity: Callable[..., Any], *args: Any) -> Any:
        return await workflow.execute_activity(
            activity, args=list(args), start_to_close_timeout=SHORT, retry_policy=self.retry
        )

    def note(self, text: str) -> None:
        self.notes.append(f"{workflow.now():%H:%M} {text}")
        if "fraud" in text:
            self.flagged.append(text)  # expect: DUR141

    def tag_line(self) -> str:
        return ",".join(self.tags)  # expect: DUR134

    @workflow.signal
    def hold(self, why: str) -> None:
        self.on_hold = True
        self.note(why)

    @workflow.signal
    def release(self) -> None:
        self.on_hold = False

    @workflow.update
    async def use_rate(self, currency: str, rate: str) -> None:
        set_rate(currency, Decimal(rate))
        await self.call(acts.announce, f"rate of {currency} is {rate}")

    @workflow.query
    def all_notes(self) -> list[str]:
        return list(self.notes)
