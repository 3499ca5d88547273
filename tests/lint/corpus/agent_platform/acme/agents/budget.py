"""Token budgets: an entity, and a mixin for flows."""

from __future__ import annotations

import os

import attrs
import durable_async as da


@da.entity(name="budget")
@attrs.define
class Budget:
    left: int = 1_000
    spenders: list[str] = attrs.field(factory=list)
    closed: bool = False

    def spend(self, tokens: int, who: str) -> int:
        limit = int(os.environ.get("BUDGET_FLOOR", "0"))  # expect: DUR124
        if self.left - tokens < limit:
            self._close()
        self.left -= tokens
        self.spenders.append(who)
        return self.left

    def refill(self, tokens: int) -> None:
        self.left += tokens
        self.closed = False

    def _close(self) -> None:
        print("budget exhausted by", self.spenders)  # expect: DUR143
        self.closed = True


class BudgetedMixin:
    """Expects `owner` from the class that it is mixed into."""

    owner: str

    async def pay(self, tokens: int) -> bool:
        ref = da.entity_ref(Budget, self.owner)
        left = await ref.call(Budget.spend, tokens, self.owner)
        if left < 0:
            ref.signal(Budget.refill, 10)
        return left >= 0

    def price(self, text: str) -> int:
        return len(text.split()) * self.rate()

    def rate(self) -> int:
        return 1
