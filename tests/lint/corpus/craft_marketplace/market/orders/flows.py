import asyncio
from datetime import datetime, timezone
from decimal import Decimal
from functools import partial

from durable_async import now, orchestrator, wait_for_event

from market.core import Container, provide, with_deadline

from .activities import capture, release, reserve
from .services import Line, Mailer, OrderBook, Pricing, Vouchers

container = (
    Container()
    .register(Pricing, partial(Pricing, "PT"))
    .register(Vouchers, Vouchers)
)


@with_deadline(hours=48)
async def _paid(order_id, deadline):
    remaining = (deadline - now()).total_seconds()
    return await asyncio.wait_for(wait_for_event(f"paid-{order_id}", bool), remaining)


@orchestrator
async def place_order(order_id: int, buyer: str, skus: list[str]) -> str:
    pricing = Pricing()
    lines = [Line(sku, 1, Decimal("4.50")) for sku in skus]
    total = pricing.total(lines) + pricing.shipping(lines)
    boxes = await reserve(order_id)
    try:
        paid = await _paid(order_id)
        if not paid:
            raise TimeoutError
    except TimeoutError:
        await release(order_id)
        return "expired"
    reference = await capture(order_id, str(total - pricing.fee))
    services = provide(mailer=Mailer, book=OrderBook)
    services["mailer"].confirm(order_id, now())
    return f"{reference}:{len(boxes)}:{OrderBook().describe(lines)}"


@orchestrator
async def thank_buyer(order_id: int, buyer: str) -> str:
    book = OrderBook()
    if book.state(order_id) != "delivered":
        return ""
    vouchers = container.resolve(Vouchers)  # expect: DUR141
    code = vouchers.code(buyer)
    issued = datetime.fromtimestamp(now().timestamp(), tz=timezone.utc)
    return f"{code} {issued:%Y}" if vouchers.check(code) else ""
