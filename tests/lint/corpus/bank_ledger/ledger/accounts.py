"""The account entity and its value objects."""

from __future__ import annotations

import random
import time
from decimal import Decimal

import attrs
import durable_async as da


@attrs.define
class Posting:
    account: str
    amount: Decimal
    booked_at: float = attrs.field(factory=time.time)  # expect: DUR101
    memo: str = ""

    def signed(self) -> str:
        return f"{self.amount:+}"


@attrs.frozen
class Statement:
    account: str
    lines: list[str] = attrs.field(factory=list)
    printed_at: float = attrs.field(factory=time.time)


@da.entity
@attrs.define
class Account:
    balance: int = 0
    holds: dict[str, int] = attrs.Factory(dict)
    touched: float = 0.0

    def deposit(self, cents: int) -> int:
        self.balance += cents
        self.touched = time.time()  # expect: DUR101
        return self.balance

    def withdraw(self, cents: int) -> int:
        if cents > self._available():
            print("overdrawn by", cents - self.balance)  # expect: DUR143
            raise ValueError("insufficient funds")
        self.balance -= cents
        return self.balance

    def hold(self, cents: int) -> str:
        key = f"{random.randrange(1 << 32):08x}"  # expect: DUR111
        self.holds[key] = cents
        self.touched = da.now().timestamp()
        return key

    def release(self, key: str) -> None:
        self.holds.pop(key, None)

    def _available(self) -> int:
        return self.balance - sum(self.holds.values())
