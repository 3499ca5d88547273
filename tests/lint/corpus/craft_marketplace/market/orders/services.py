"""Services of the order flow."""

import dataclasses
import os
import secrets
from decimal import Decimal
from functools import cached_property

from django.conf import settings
from django.core.cache import cache
from django.core.mail import send_mail

from market.core import slugify, timed
from market.core.timing import business_hours

from .models import Order


@dataclasses.dataclass
class Line:
    sku: str
    quantity: int
    price: Decimal

    @property
    def total(self):
        return self.price * self.quantity


class Pricing:
    VAT = {"DE": Decimal("0.19"), "PT": Decimal("0.23")}

    def __init__(self, country="DE"):
        self.country = country

    @timed("pricing.total")
    def total(self, lines):
        net = sum((line.total for line in lines), Decimal(0))
        return net * (1 + self.VAT[self.country])

    @cached_property
    def fee(self):
        return Decimal(os.environ["MARKET_FEE"])  # expect: DUR124

    def shipping(self, lines):
        weights = {line.sku: line.quantity for line in lines}
        return Decimal(len(weights)) * Decimal("1.90")


class Vouchers:
    def code(self, buyer):
        return f"{slugify(buyer)}-{secrets.token_hex(3)}"  # expect: DUR111

    def check(self, code):
        return secrets.compare_digest(code[-6:], code[-6:])


class OrderBook:
    """Straight to the database."""

    def state(self, order_id):
        return Order.objects.get(pk=order_id).state  # expect: DUR121

    def describe(self, lines):
        return ", ".join(slugify(line.sku) for line in lines)

    def warm(self, order_id):
        cache.set(f"order-{order_id}", self.state(order_id))


class Mailer:
    def __init__(self, sender=None):
        self.sender = sender or settings.DEFAULT_FROM_EMAIL

    def confirm(self, order_id, now):
        subject = "Thanks!" if business_hours(now) else "Thanks, we are back tomorrow"
        send_mail(subject, f"order {order_id}", self.sender, ["buyer@example.org"])  # expect: DUR121
