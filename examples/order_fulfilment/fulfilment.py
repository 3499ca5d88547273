"""The order-fulfilment orchestrator and its activities.

Invariant: an order ends with a parcel that is paid for, or with its stock and its money back.

Read `fulfil` first: it is the whole story of an order, as plain asyncio. That its worker may be
killed at any await and that an approval may take days are not its concern. What it must see to is
that each step can be undone, and that activities may run more than once.
"""

from __future__ import annotations

import asyncio
import enum
import http.client
import json
from contextlib import AsyncExitStack
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

import durable_async as da
from orders import (
    Address,
    ApprovalExpiredError,
    CardDeclinedError,
    Ending,
    Line,
    NotApprovedError,
    Order,
    Outcome,
    RefusalError,
)
from warehouse import Warehouse, WarehouseError

APPROVAL_LIMIT: Final = 500_00
"""Cents. A person looks at orders above it."""

# Days and hours in a real shop. The code would be the same.
APPROVAL_TIME: Final = timedelta(seconds=6)
PACKING_TIME: Final = timedelta(seconds=1.5)


class Phase(enum.StrEnum):
    """The custom status of an order under way."""

    RESERVING = "reserving"
    APPROVAL = "awaiting approval"
    CHARGING = "charging"
    PACKING = "packing"


@attrs.frozen(kw_only=True)
class Decision:
    """The data of the external event "decision"."""

    approved: bool
    by: str


# ---------------------------------------------------------------- the orchestrator


@da.orchestrator
async def fulfil(order: Order) -> Outcome:
    """Take an order from its stock to its parcel, or leave no trace of it."""
    try:
        async with AsyncExitStack() as undo:
            parcel = await take_to_parcel(order, undo)
            undo.pop_all()  # it is on its way: there is nothing left to undo
            return Outcome(ending=Ending.SHIPPED, detail=parcel)
    except RefusalError as refusal:
        return Outcome(ending=refusal.ending, detail=str(refusal))


async def take_to_parcel(order: Order, undo: AsyncExitStack) -> str:
    """All steps of an order; the tracking number of its parcel.

    The undoing of a step is put on the stack *before* the step. If the step then fails, one
    cannot always know whether it was done; undoing what was not done does no harm.
    """
    da.set_custom_status(Phase.RESERVING)
    undo.push_async_callback(Stock.release, order.id, order.skus)
    await asyncio.gather(*(Stock.reserve(order.id, line) for line in order.lines))

    if order.cents > APPROVAL_LIMIT:
        da.set_custom_status(Phase.APPROVAL)
        await wait_for_approval()

    da.set_custom_status(Phase.CHARGING)
    undo.push_async_callback(Payments.refund, order.id)
    await Payments.charge(order.id, order.cents, order.card)

    da.set_custom_status(Phase.PACKING)
    await asyncio.sleep(PACKING_TIME.total_seconds())
    return await Stock.ship(order.id, order.address)


async def wait_for_approval() -> None:
    """Return when somebody approves the order. Raises: a RefusalError if nobody does."""
    try:
        async with asyncio.timeout(APPROVAL_TIME.total_seconds()):
            decision = await da.wait_for_event("decision", Decision)
    except TimeoutError:
        raise ApprovalExpiredError(f"nobody decided within {APPROVAL_TIME}") from None
    if not decision.approved:
        raise NotApprovedError(f"refused by {decision.by}")


# ---------------------------------------------------------------- the activities


class PaymentUnavailableError(Exception):
    """The payment service did not answer, or not now. Whether it did anything is unknown."""


class PaymentRequestError(Exception):
    """The payment service says that the request is wrong; so would the next one be."""


ASK_AGAIN = da.RetryPolicy(
    max_attempts=8,
    initial_interval=0.1,
    max_interval=2.0,
    retry_on=(PaymentUnavailableError, TimeoutError),
)
"""For a step that may be given up, since it can be undone."""

UNTIL_DONE = da.RetryPolicy(
    max_attempts=1_000_000,
    initial_interval=0.1,
    max_interval=30.0,
    non_retryable=(RefusalError, WarehouseError, PaymentRequestError),
)
"""For a step that must not be given up: one that undoes another, and shipping, after which there
is no way back."""


class Stock:
    """The warehouse, as activities."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    @da.activity(retry=UNTIL_DONE)
    def reserve(self, order_id: str, line: Line) -> None:
        self._warehouse.reserve(order_id, line.sku, line.quantity)

    @da.activity(retry=UNTIL_DONE)
    def release(self, order_id: str, skus: list[str]) -> None:
        self._warehouse.release(order_id, skus)

    @da.activity(retry=UNTIL_DONE)
    def ship(self, order_id: str, address: Address) -> str:
        return self._warehouse.ship(order_id, address)


class Payments:
    """The payment service, as activities. url: like "http://127.0.0.1:8088"."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc

    @da.activity(retry=ASK_AGAIN, timeout=timedelta(seconds=15))
    def charge(self, order_id: str, cents: int, card: str) -> str:
        """Take the money; the id of the charge. Raises: CardDeclinedError."""
        answer = self._post("/charges", {"order": order_id, "cents": cents, "card": card})
        return str(answer["charge"])

    @da.activity(retry=UNTIL_DONE, timeout=timedelta(seconds=15))
    def refund(self, order_id: str) -> int:
        """Give back what the order has paid, and let it pay no more; the cents given back."""
        return int(self._post("/refunds", {"order": order_id})["cents"])

    def _post(self, path: str, request: dict[str, object]) -> dict[str, Any]:
        # The same key for every attempt of one call: whatever happened to the last attempt,
        # the service does it once.
        key = da.activity_info().idempotency_key
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        connection = http.client.HTTPConnection(self._address, timeout=10)
        try:
            connection.request("POST", path, json.dumps(request), headers)
            response = connection.getresponse()
            status, body = response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise PaymentUnavailableError(f"no answer from {self._address}: {error}") from error
        finally:
            connection.close()
        return _answer(status, body)


def _answer(status: int, body: bytes) -> dict[str, Any]:
    """What the payment service answered, or the exception that its status stands for."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise PaymentUnavailableError(f"status {status}: {body.decode(errors='replace')}")
    answer: dict[str, Any] = json.loads(body)
    if status == HTTPStatus.PAYMENT_REQUIRED:
        raise CardDeclinedError(answer["error"])
    if status >= HTTPStatus.BAD_REQUEST:
        raise PaymentRequestError(f"status {status}: {answer['error']}")
    return answer
