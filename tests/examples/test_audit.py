"""The demo's proof: it holds for a good run, and each way of cheating is found."""

from collections.abc import Sequence
from datetime import UTC, datetime

import attrs
import pytest

from audit import Evidence, Row, audit, table
from fulfilment import APPROVAL_LIMIT
from ledger import Entry, Kind
from orders import Address, Customer, Ending, Line, Order, Outcome
from warehouse import Article, Parcel, Reservation


def order(
    number: int, *, cents: int = 10_00, quantity: int = 2, card: str = "tok_visa_4242"
) -> Order:
    return Order(
        id=f"o-{number}",
        placed_at=datetime(2025, 11, 24, tzinfo=UTC),
        customer=Customer(name="Ada", email="ada@example.com"),
        address=Address(postcode="1011", city="Wien", country="AT"),
        card=card,
        lines=(Line(sku="cup", quantity=quantity, cents=cents),),
    )


def entry(number: int, kind: Kind, order_id: str, key: str, cents: int = 0) -> Entry:
    at = datetime(2025, 11, 24, tzinfo=UTC)
    return Entry(number=number, at=at, kind=kind, order=order_id, key=key, cents=cents)


def reserved(order_id: str, state: str, quantity: int = 2) -> Reservation:
    if state == "shipped":
        return Reservation(order_id=order_id, sku="cup", quantity=quantity, state="shipped")
    if state == "released":
        return Reservation(order_id=order_id, sku="cup", quantity=quantity, state="released")
    return Reservation(order_id=order_id, sku="cup", quantity=quantity, state="reserved")


# 1 is shipped after a dropped connection, 2 is declined, 3 is dear, approved and shipped, 4 is
# dear and refused, 5 cannot be delivered and gets its money back.
GOOD = Evidence(
    orders=(
        order(1),
        order(2, card="tok_declined_stolen_card"),
        order(3, cents=400_00),
        order(4, cents=400_00),
        order(5),
    ),
    outcomes={
        "o-1": Outcome(ending=Ending.SHIPPED, detail="PX000001AT"),
        "o-2": Outcome(ending=Ending.DECLINED, detail="stolen card"),
        "o-3": Outcome(ending=Ending.SHIPPED, detail="PX000002AT"),
        "o-4": Outcome(ending=Ending.REFUSED, detail="refused by Ada"),
        "o-5": Outcome(ending=Ending.UNDELIVERABLE, detail="no such postcode"),
    },
    troubles={},
    approved=frozenset({"o-3"}),
    interrupted=frozenset(),
    ledger=(
        entry(1, "charged", "o-1", "k1", 20_00),
        entry(2, "dropped", "o-1", "k1"),
        entry(3, "repeated", "o-1", "k1"),
        entry(4, "declined", "o-2", "k2", 20_00),
        entry(5, "refunded", "o-2", "r2"),
        entry(6, "unavailable", "o-3", "k3"),
        entry(7, "charged", "o-3", "k3", 800_00),
        entry(8, "charged", "o-5", "k5", 20_00),
        entry(9, "refunded", "o-5", "r5", 20_00),
    ),
    articles=(Article(sku="cup", name="Cup", received=10, free=6),),
    reservations=(
        reserved("o-1", "shipped"),
        reserved("o-2", "released"),
        reserved("o-3", "shipped"),
        reserved("o-4", "released"),
        reserved("o-5", "released"),
    ),
    parcels=(
        Parcel(order_id="o-1", number=1, country="AT"),
        Parcel(order_id="o-3", number=2, country="AT"),
    ),
)


def objections(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """By claim, of the claims that do not hold."""
    return {each.claim: each.objections for each in audit(evidence) if not each.holds}


def with_ledger(*more: Entry, without: Sequence[int] = ()) -> Evidence:
    kept = [each for each in GOOD.ledger if each.number not in without]
    return attrs.evolve(GOOD, ledger=(*kept, *more))


def with_outcome(order_id: str, ending: Ending, detail: str = "") -> Evidence:
    outcome = Outcome(ending=ending, detail=detail)
    return attrs.evolve(GOOD, outcomes={**GOOD.outcomes, order_id: outcome})


def with_reservation(number: int, state: str, quantity: int = 2) -> Evidence:
    changed = list(GOOD.reservations)
    changed[number - 1] = reserved(f"o-{number}", state, quantity)
    return attrs.evolve(GOOD, reservations=tuple(changed))


def test_a_good_run_holds_in_every_claim() -> None:
    assert objections(GOOD) == {}
    assert len(audit(GOOD)) == 8


def test_the_table_counts_every_order_once_and_money_by_the_ledger() -> None:
    rows = {row.ending: row for row in table(GOOD)}
    assert rows["shipped"] == Row(ending="shipped", orders=2, charged=820_00, refunded=0)
    assert rows["undeliverable"].refunded == 20_00
    assert rows["all"] == Row(ending="all", orders=5, charged=840_00, refunded=20_00)
    assert sum(row.orders for row in rows.values()) == 2 * rows["all"].orders
    assert "failed" not in rows


def test_an_order_that_has_not_ended_is_named_with_what_is_the_matter() -> None:
    outcomes = {key: outcome for key, outcome in GOOD.outcomes.items() if key != "o-4"}
    evidence = attrs.evolve(GOOD, outcomes=outcomes, troubles={"o-4": "RUNNING; waits for ..."})
    assert objections(evidence)["every order has ended"] == ("o-4: RUNNING; waits for ...",)
    assert [row.orders for row in table(evidence) if row.ending == "failed"] == [1]


def test_a_second_charge_under_another_key_is_found() -> None:
    found = objections(with_ledger(entry(10, "charged", "o-1", "k9", 20_00)))
    assert found["nobody was charged twice"] == ("o-1: charged 2 times",)
    assert found["who got a parcel has paid for it, and nobody else"] == (
        "o-1: shipped, has paid 4000 cents, should pay 2000",
    )


def test_a_second_charge_that_was_given_back_is_still_a_second_charge() -> None:
    evidence = with_ledger(
        entry(10, "charged", "o-1", "k9", 20_00), entry(11, "refunded", "o-1", "r9", 20_00)
    )
    assert list(objections(evidence)) == ["nobody was charged twice"]


def test_an_answered_request_that_comes_again_is_found() -> None:
    evidence = with_ledger(entry(10, "repeated", "o-3", "k3"))
    assert list(objections(evidence)) == ["no step that was answered ran again"]
    # Unless its worker was killed before it could record the answer.
    assert objections(attrs.evolve(evidence, interrupted=frozenset({"o-3"}))) == {}


@pytest.mark.parametrize(
    ("evidence", "objection"),
    [
        (with_ledger(without=[7]), "o-3: shipped, has paid 0 cents, should pay 80000"),
        (with_ledger(without=[9]), "o-5: undeliverable, has paid 2000 cents, should pay 0"),
        (
            with_ledger(entry(10, "charged", "o-4", "k4", 1)),
            "o-4: refused, has paid 1 cents, should pay 0",
        ),
        (
            with_ledger(entry(10, "charged", "o-9", "k9", 5)),
            "o-9: in the ledger, but nobody ordered it",
        ),
    ],
)
def test_money_that_should_not_be_where_it_is_is_found(evidence: Evidence, objection: str) -> None:
    assert objections(evidence) == {
        "who got a parcel has paid for it, and nobody else": (objection,)
    }


@pytest.mark.parametrize(
    ("evidence", "objection"),
    [
        (
            attrs.evolve(GOOD, parcels=GOOD.parcels[:1]),
            "o-3: the parcel is None, the customer was told PX000002AT",
        ),
        (
            attrs.evolve(
                GOOD, parcels=(*GOOD.parcels, Parcel(order_id="o-2", number=3, country="AT"))
            ),
            "o-2: the parcel is PX000003AT, the customer was told None",
        ),
        (
            attrs.evolve(
                GOOD, parcels=(*GOOD.parcels, Parcel(order_id="o-9", number=3, country="AT"))
            ),
            "o-9: has a parcel, but nobody ordered it",
        ),
    ],
)
def test_a_parcel_too_many_or_too_few_is_found(evidence: Evidence, objection: str) -> None:
    assert objections(evidence) == {"who was told so got one parcel, and nobody else": (objection,)}


@pytest.mark.parametrize(
    ("evidence", "objection"),
    [
        (with_reservation(1, "reserved"), "o-1: shipped, but cup is 2 reserved"),
        (with_reservation(2, "reserved"), "o-2: declined, but cup is 2 reserved"),
        (with_reservation(1, "shipped", 3), "o-1: shipped, but cup is 3 shipped"),
        (
            attrs.evolve(GOOD, reservations=GOOD.reservations[:-1]),
            "o-5: undeliverable, but cup is never reserved",
        ),
    ],
)
def test_stock_that_is_kept_or_not_sent_is_found(evidence: Evidence, objection: str) -> None:
    assert objections(evidence)["what was not shipped is free again"] == (objection,)


def test_pieces_that_are_nowhere_are_found() -> None:
    lost = attrs.evolve(GOOD, articles=(Article(sku="cup", name="Cup", received=10, free=5),))
    assert objections(lost) == {
        "the stock of every article adds up": ("cup: 10 received, but 5 free and 4 shipped",)
    }


@pytest.mark.parametrize(
    ("evidence", "objection"),
    [
        (
            with_outcome("o-2", Ending.SHIPPED, "PX000003AT"),
            "o-2: shipped, with a card that is declined",
        ),
        (with_outcome("o-5", Ending.DECLINED), "o-5: declined, with a good card"),
        (attrs.evolve(GOOD, approved=frozenset()), "o-3: shipped, and nobody approved it"),
        (with_outcome("o-5", Ending.EXPIRED), "o-5: expired, but nobody had to approve it"),
    ],
)
def test_an_ending_that_its_order_does_not_allow_is_found(
    evidence: Evidence, objection: str
) -> None:
    claim = "each order ended as its data and its approval say"
    assert objections(evidence)[claim] == (objection,)


def test_an_order_at_the_limit_needs_no_approval() -> None:
    at_limit = order(1, cents=APPROVAL_LIMIT, quantity=1)
    evidence = attrs.evolve(GOOD, orders=(at_limit, *GOOD.orders[1:]))
    assert not any("approved" in each for each in sum(objections(evidence).values(), ()))
