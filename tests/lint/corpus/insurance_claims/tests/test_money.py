"""Tests of amounts."""

import random
from decimal import Decimal

from aegis.domain import Money, zero
from aegis.infra.audit import tail


def test_adds() -> None:
    amounts = [Money(Decimal(random.randint(1, 9))) for _ in range(3)]
    assert sum((amount.amount for amount in amounts), Decimal(0)) == sum(amounts, zero()).amount


def test_tail_is_empty() -> None:
    assert tail(3) == []
