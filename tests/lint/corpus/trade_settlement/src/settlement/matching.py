"""Pairs our trades with the counterparty's."""

import operator
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Optional

from settlement.money import Money


@dataclass(order=True)
class Trade:
    ref: str
    isin: str = field(compare=False)
    quantity: int = field(compare=False)
    price: Decimal = field(compare=False)
    counterparty: str = field(compare=False, default="")
    book: Any = field(compare=False, default=None)


def match(ours: list[Trade], theirs: list[Trade], seen=[]) -> list[tuple[Trade, Trade]]:
    by_ref = {trade.ref: trade for trade in theirs}
    pairs = []
    for ref in by_ref.keys() & {trade.ref for trade in ours}:  # expect: DUR134
        mine = next(trade for trade in ours if trade.ref == ref)
        pairs.append((mine, by_ref[ref]))
        seen.append(ref)  # expect: DUR141
    return pairs


def breaks(ours: list[Trade], theirs: list[Trade]) -> set[str]:
    return {t.ref for t in ours} ^ {t.ref for t in theirs}


def net(trades: list[Trade], key: Callable[[Trade], str] = operator.attrgetter("isin")) -> dict[str, int]:
    netted: dict[str, int] = defaultdict(int)
    for trade in sorted(trades):
        netted[key(trade)] += trade.quantity
    return dict(netted)


def first_break(ours: list[Trade], theirs: list[Trade]) -> Optional[str]:
    open_refs = breaks(ours, theirs)
    return open_refs.pop() if open_refs else None  # expect: DUR134


def value(trade: Trade, currency: str) -> Money:
    return Money(trade.price * trade.quantity, currency)
