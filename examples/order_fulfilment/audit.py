"""The proof at the end: what the orchestrators say, against what the outside world has recorded.

Invariant: a claim holds if nobody objects, and an objection names the order or the article. The
ledger and the warehouse are believed, the orchestrators are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from fulfilment import APPROVAL_LIMIT
from ledger import MONEY, Entry, Kind
from orders import Ending, Order, Outcome
from payments import DECLINED
from warehouse import Article, Parcel, Reservation

ANSWERED: Final = MONEY | {"repeated"}
"""Kinds of entries of which the caller hears, unless the connection is dropped."""


@attrs.frozen(kw_only=True)
class Evidence:
    """outcomes: by order id, of the orders that ended well; troubles: of the others, why not.
    approved: the orders that somebody approved. interrupted: those under way when the worker was
    killed. ledger: oldest entry first."""

    orders: Sequence[Order]
    outcomes: Mapping[str, Outcome]
    troubles: Mapping[str, str]
    approved: frozenset[str]
    interrupted: frozenset[str]
    ledger: Sequence[Entry]
    articles: Sequence[Article]
    reservations: Sequence[Reservation]
    parcels: Sequence[Parcel]

    def ending(self, order: Order) -> Ending | None:
        outcome = self.outcomes.get(order.id)
        return None if outcome is None else outcome.ending

    def cents(self, kind: Kind) -> Counter[str]:
        """What the ledger says was charged or refunded, by order id."""
        sums: Counter[str] = Counter()
        for entry in self.ledger:
            if entry.kind == kind:
                sums[entry.order] += entry.cents
        return sums

    def entries(self, kind: Kind) -> list[Entry]:
        return [entry for entry in self.ledger if entry.kind == kind]


@attrs.frozen(kw_only=True)
class Finding:
    """detail: what was counted. objections: what speaks against the claim."""

    claim: str
    detail: str
    objections: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.objections


@attrs.frozen(kw_only=True)
class Row:
    """A line of the table at the end. charged, refunded: cents, by the ledger."""

    ending: str
    orders: int
    charged: int
    refunded: int


def table(evidence: Evidence) -> list[Row]:
    """A row for each way to end, and one for all."""
    charged, refunded = evidence.cents("charged"), evidence.cents("refunded")
    groups: list[tuple[str, list[Order]]] = [
        (ending, [order for order in evidence.orders if evidence.ending(order) is ending])
        for ending in Ending
    ]
    lost = [order for order in evidence.orders if evidence.ending(order) is None]
    if lost:
        groups.append(("failed", lost))
    groups.append(("all", list(evidence.orders)))
    return [
        Row(
            ending=name,
            orders=len(orders),
            charged=sum(charged[order.id] for order in orders),
            refunded=sum(refunded[order.id] for order in orders),
        )
        for name, orders in groups
    ]


def audit(evidence: Evidence) -> list[Finding]:
    """Examine every claim of the demo."""
    return [
        Finding(claim=claim, detail=count(evidence), objections=tuple(object_to(evidence)))
        for claim, count, object_to in CLAIMS
    ]


# ---------------------------------------------------------------- the claims


def unfinished(evidence: Evidence) -> Iterator[str]:
    for order in evidence.orders:
        if order.id not in evidence.outcomes:
            yield f"{order.id}: {evidence.troubles.get(order.id, 'has not ended')}"


def charged_twice(evidence: Evidence) -> Iterator[str]:
    times = Counter(entry.order for entry in evidence.entries("charged"))
    for order_id, count in times.items():
        if count > 1:
            yield f"{order_id}: charged {count} times"


def ran_again(evidence: Evidence) -> Iterator[str]:
    """Requests that came again although the one before had been answered."""
    asked = Counter((entry.key, entry.order) for entry in evidence.ledger if entry.kind in ANSWERED)
    unanswered = Counter(entry.key for entry in evidence.entries("dropped"))
    for (key, order_id), times in asked.items():
        # Whoever was killed may have been so between the answer and its recording.
        expected = 1 + unanswered[key] + (order_id in evidence.interrupted)
        if times > expected:
            yield f"{order_id}: {times} requests under key {key}, expected {expected} at most"


def wrongly_paid(evidence: Evidence) -> Iterator[str]:
    charged, refunded = evidence.cents("charged"), evidence.cents("refunded")
    for order in evidence.orders:
        due = order.cents if evidence.ending(order) is Ending.SHIPPED else 0
        paid = charged[order.id] - refunded[order.id]
        if paid != due:
            yield f"{order.id}: {evidence.ending(order)}, has paid {paid} cents, should pay {due}"
    known = {order.id for order in evidence.orders}
    for order_id in sorted((charged + refunded).keys() - known):
        yield f"{order_id}: in the ledger, but nobody ordered it"


def wrongly_sent(evidence: Evidence) -> Iterator[str]:
    parcels = {parcel.order_id: parcel for parcel in evidence.parcels}
    for order in evidence.orders:
        parcel = parcels.pop(order.id, None)
        sent = None if parcel is None else parcel.tracking
        outcome = evidence.outcomes.get(order.id)
        told = outcome.detail if outcome and outcome.ending is Ending.SHIPPED else None
        if sent != told:
            yield f"{order.id}: the parcel is {sent}, the customer was told {told}"
    for order_id in sorted(parcels):
        yield f"{order_id}: has a parcel, but nobody ordered it"


def wrongly_kept(evidence: Evidence) -> Iterator[str]:
    """Of each line: shipped with a shipped order, and otherwise free again."""
    states = {(entry.order_id, entry.sku): entry for entry in evidence.reservations}
    for order in evidence.orders:
        for line in order.lines:
            found = states.get((order.id, line.sku))
            if evidence.ending(order) is Ending.SHIPPED:
                good = found and (found.state, found.quantity) == ("shipped", line.quantity)
            else:
                good = found and found.state == "released"
            if not good:
                state = "never reserved" if found is None else f"{found.quantity} {found.state}"
                yield f"{order.id}: {evidence.ending(order)}, but {line.sku} is {state}"


def lost_stock(evidence: Evidence) -> Iterator[str]:
    gone: Counter[str] = Counter()
    for entry in evidence.reservations:
        if entry.state != "released":
            gone[entry.sku] += entry.quantity
    for article in evidence.articles:
        if article.received != article.free + gone[article.sku]:
            yield (
                f"{article.sku}: {article.received} received, but {article.free} free "
                f"and {gone[article.sku]} shipped"
            )


def wrongly_decided(evidence: Evidence) -> Iterator[str]:
    """Endings that the order's own data, or the person who decides, do not allow."""
    for order in evidence.orders:
        ending = evidence.ending(order)
        if ending is Ending.SHIPPED and order.card.startswith(DECLINED):
            yield f"{order.id}: shipped, with a card that is declined"
        if ending is Ending.DECLINED and not order.card.startswith(DECLINED):
            yield f"{order.id}: declined, with a good card"
        dear = order.cents > APPROVAL_LIMIT
        if ending is Ending.SHIPPED and dear and order.id not in evidence.approved:
            yield f"{order.id}: shipped, and nobody approved it"
        if ending in {Ending.REFUSED, Ending.EXPIRED} and not dear:
            yield f"{order.id}: {ending}, but nobody had to approve it"


def count_orders(evidence: Evidence) -> str:
    return f"{len(evidence.outcomes)} of {len(evidence.orders)} orders"


def count_charges(evidence: Evidence) -> str:
    charges = evidence.entries("charged")
    return f"{len(charges)} charges for {len({entry.order for entry in charges})} orders"


def count_requests(evidence: Evidence) -> str:
    kinds = Counter(entry.kind for entry in evidence.ledger)
    return (
        f"{kinds['unavailable']} requests turned away, {kinds['dropped']} left without an answer, "
        f"{kinds['repeated']} repeated"
    )


def count_money(evidence: Evidence) -> str:
    charged, refunded = evidence.cents("charged").total(), evidence.cents("refunded").total()
    return f"{euros(charged)} charged, {euros(refunded)} refunded"


def count_parcels(evidence: Evidence) -> str:
    return f"{len(evidence.parcels)} parcels"


def count_lines(evidence: Evidence) -> str:
    states = Counter(entry.state for entry in evidence.reservations)
    return f"{states['shipped']} lines shipped, {states['released']} released"


def count_articles(evidence: Evidence) -> str:
    return f"{len(evidence.articles)} articles"


def count_decisions(evidence: Evidence) -> str:
    dear = sum(order.cents > APPROVAL_LIMIT for order in evidence.orders)
    declined = sum(order.card.startswith(DECLINED) for order in evidence.orders)
    return f"{dear} dear orders, {declined} bad cards"


def euros(cents: int) -> str:
    return f"EUR {cents // 100:,}.{cents % 100:02d}"


Count = Callable[[Evidence], str]
Objections = Callable[[Evidence], Iterator[str]]

CLAIMS: Final[tuple[tuple[str, Count, Objections], ...]] = (
    ("every order has ended", count_orders, unfinished),
    ("nobody was charged twice", count_charges, charged_twice),
    ("no step that was answered ran again", count_requests, ran_again),
    ("who got a parcel has paid for it, and nobody else", count_money, wrongly_paid),
    ("who was told so got one parcel, and nobody else", count_parcels, wrongly_sent),
    ("what was not shipped is free again", count_lines, wrongly_kept),
    ("the stock of every article adds up", count_articles, lost_stock),
    ("each order ended as its data and its approval say", count_decisions, wrongly_decided),
)
