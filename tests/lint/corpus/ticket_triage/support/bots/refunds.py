from decimal import Decimal

import stripe

import durable_async as da

from .base import Bot, timed


@da.activity
async def order_total(ticket_id: str) -> Decimal:
    charges = stripe.Charge.list(limit=1, metadata={"ticket": ticket_id})
    return Decimal(charges.data[0].amount) / 100


@da.activity(on_lost="fail")
async def refund(ticket_id: str, amount: Decimal) -> str:
    return stripe.Refund.create(amount=int(amount * 100), metadata={"ticket": ticket_id}).id


class RefundBot(Bot):
    limit = Decimal(50)

    @timed
    async def reply(self) -> str:
        ticket = self.context.ticket
        if order_total(ticket.id) > self.limit:  # expect: DUR133
            return "A colleague will look at it."
        receipt = await refund(ticket.id, await order_total(ticket.id))
        return f"Refunded: {receipt}"

    def sign(self, text: str) -> str:
        return super().sign(text) + f" ref {id(self):x}"  # expect: DUR125
