from __future__ import annotations

import os

import durable_async as da
import stripe

stripe.api_key = os.environ.get("STRIPE_KEY")


@da.activity(on_lost="fail")
def authorise(customer: str, cents: int) -> str:
    key = da.activity_info().idempotency_key
    return stripe.PaymentIntent.create(amount=cents, currency="eur", customer=customer, idempotency_key=key).id


@da.activity
def capture(hold: str, cents: int) -> None:
    stripe.PaymentIntent.capture(hold, amount_to_capture=cents)


@da.activity
def void(hold: str) -> None:
    stripe.PaymentIntent.cancel(hold)
