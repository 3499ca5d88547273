"""Accounts and ledgers. `payouts` imports this module, and this one imports it back."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import settings

if TYPE_CHECKING:
    from .payouts import Instruction


@dataclass
class Account:
    iban: str
    currency: str = "EUR"
    balance: int = 0
    tags: set[str] = field(default_factory=set)

    def instruction(self, cents: int) -> Instruction:
        from . import payouts

        return payouts.Instruction(self.iban, cents, payouts.make_reference(self.iban))

    def within_limit(self, cents: int) -> bool:
        return cents <= settings.LIMITS[self.currency]

    def attempt(self) -> int:
        settings.attempts[self.iban] = settings.attempts.get(self.iban, 0) + 1  # expect: DUR141
        return settings.attempts[self.iban]  # expect: DUR141

    def masked(self) -> str:
        time = self.iban[:4]
        return time + "*" * (len(self.iban) - 8) + self.iban[-4:]


def open(iban: str, currency: str = "EUR") -> Account:
    """Open an account object; the bank does the rest."""
    return Account(iban.replace(" ", ""), currency)


def aged(account: Account, since: float) -> bool:
    return time.time() - since > 86_400  # expect: DUR101


def reset_attempts() -> None:
    settings.attempts.clear()
