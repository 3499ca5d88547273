"""What an order is, and how it can end.

Invariant: amounts are whole cents, and an order never changes once it is placed.
"""

from __future__ import annotations

import enum
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import attrs
import msgspec

ORDERS = Path(__file__).with_name("orders.jsonl")


@attrs.frozen(kw_only=True)
class Line:
    """cents: the price of one piece."""

    sku: str
    quantity: int
    cents: int


@attrs.frozen(kw_only=True)
class Customer:
    name: str
    email: str


@attrs.frozen(kw_only=True)
class Address:
    """country: two letters, as in ISO 3166. postcode: as the customer typed it."""

    postcode: str
    city: str
    country: str


@attrs.frozen(kw_only=True)
class Order:
    """card: a token of the payment service, never a card's number. Each sku stands in one line."""

    id: str
    placed_at: datetime
    customer: Customer
    address: Address
    card: str
    lines: tuple[Line, ...]

    @property
    def cents(self) -> int:
        """What the customer pays."""
        return sum(line.quantity * line.cents for line in self.lines)

    @property
    def skus(self) -> list[str]:
        return [line.sku for line in self.lines]


class Ending(enum.StrEnum):
    """How an order ended. Only SHIPPED takes money and stock."""

    SHIPPED = "shipped"
    OUT_OF_STOCK = "out of stock"
    REFUSED = "refused"
    EXPIRED = "expired"
    DECLINED = "declined"
    UNDELIVERABLE = "undeliverable"


@attrs.frozen(kw_only=True)
class Outcome:
    """detail: the parcel's tracking number, or why there is no parcel."""

    ending: Ending
    detail: str


class RefusalError(Exception):
    """The order cannot be fulfilled, and asking again would not change that."""

    ending: ClassVar[Ending]


class OutOfStockError(RefusalError):
    ending = Ending.OUT_OF_STOCK


class NotApprovedError(RefusalError):
    ending = Ending.REFUSED


class ApprovalExpiredError(RefusalError):
    ending = Ending.EXPIRED


class CardDeclinedError(RefusalError):
    ending = Ending.DECLINED


class UndeliverableError(RefusalError):
    ending = Ending.UNDELIVERABLE


def read_orders(path: Path = ORDERS) -> list[Order]:
    """The orders of a file that holds one as JSON on each line."""
    lines = path.read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Order) for line in lines]
