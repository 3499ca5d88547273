"""The order-fulfilment orchestrator in virtual time, with its real warehouse and payments."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

import durable_async as da
from durable_async import testing
from fulfilment import (
    APPROVAL_LIMIT,
    APPROVAL_TIME,
    PACKING_TIME,
    Decision,
    Payments,
    PaymentUnavailableError,
    Phase,
    Stock,
    fulfil,
)
from ledger import read_ledger
from orders import Address, Customer, Ending, Line, Order, Outcome
from payments import CALM, Faults, serving
from warehouse import CatalogueEntry, Warehouse

ORDER = Order(
    id="o-1",
    placed_at=datetime(2025, 11, 24, tzinfo=UTC),
    customer=Customer(name="Ada Byrne", email="ada.byrne@example.com"),
    address=Address(postcode="D02 X285", city="Dublin", country="IE"),
    card="tok_visa_4242",
    lines=(Line(sku="cup", quantity=2, cents=9_00), Line(sku="pot", quantity=1, cents=31_00)),
)
DEAR = attrs.evolve(ORDER, lines=(Line(sku="urn", quantity=1, cents=APPROVAL_LIMIT + 1),))


@attrs.frozen
class World:
    """The environment of an order, and the books of the outside world."""

    env: testing.Environment
    warehouse: Warehouse
    ledger: Path

    async def start(self, order: Order) -> da.Handle[Outcome]:
        return await self.env.client.start(fulfil(order), id=order.id)

    async def end(self, order: Order) -> Outcome:
        return await (await self.start(order)).result()

    def free(self) -> dict[str, int]:
        return {article.sku: article.free for article in self.warehouse.articles()}

    def money(self) -> dict[str, int]:
        """Cents by kind of entry."""
        sums: Counter[str] = Counter()
        for entry in read_ledger(self.ledger):
            if entry.cents:
                sums[entry.kind] += entry.cents
        return dict(sums)

    def kinds(self) -> list[str]:
        return [entry.kind for entry in read_ledger(self.ledger)]


FULL = {"cup": 10, "pot": 10, "urn": 10}

OpenWorld = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def open_world(tmp_path: Path) -> OpenWorld:
    @asynccontextmanager
    async def world(faults: Faults = CALM, **settings: Any) -> AsyncIterator[World]:
        warehouse = Warehouse(tmp_path / "warehouse.db")
        warehouse.receive(
            CatalogueEntry(sku=sku, name=sku, cents=1_00, received=pieces)
            for sku, pieces in FULL.items()
        )
        ledger = tmp_path / "ledger.jsonl"
        with serving(ledger, faults) as url:
            functions = [fulfil, Stock(warehouse), Payments(url)]
            async with testing.environment(functions, **settings) as env:
                yield World(env, warehouse, ledger)

    return world


async def test_an_order_is_reserved_charged_packed_and_shipped(open_world: OpenWorld) -> None:
    async with open_world() as world:
        assert await world.end(ORDER) == Outcome(ending=Ending.SHIPPED, detail="PX000001IE")
        assert world.free() == FULL | {"cup": 8, "pot": 9}
        assert world.money() == {"charged": 49_00}
        assert world.kinds() == ["charged"]


async def test_it_is_charged_before_it_is_packed_and_shipped_after(open_world: OpenWorld) -> None:
    async with open_world() as world:
        handle = await world.start(ORDER)
        await world.env.advance(PACKING_TIME * 0.9)
        assert (await handle.state()).custom_status == Phase.PACKING
        assert world.kinds() == ["charged"]
        assert world.warehouse.parcels() == []
        await world.env.advance(PACKING_TIME * 0.2)
        assert (await handle.state()).status is da.RuntimeStatus.COMPLETED
        assert len(world.warehouse.parcels()) == 1


async def test_a_declined_card_releases_the_stock(open_world: OpenWorld) -> None:
    order = attrs.evolve(ORDER, card="tok_declined_insufficient_funds")
    async with open_world() as world:
        assert await world.end(order) == Outcome(
            ending=Ending.DECLINED, detail="insufficient funds"
        )
        assert world.free() == FULL
        assert "charged" not in world.money()
        assert world.kinds().count("declined") == 1  # it is not tried again


async def test_one_line_out_of_stock_gives_back_the_others(open_world: OpenWorld) -> None:
    order = attrs.evolve(ORDER, lines=(*ORDER.lines, Line(sku="urn", quantity=11, cents=1)))
    async with open_world() as world:
        outcome = await world.end(order)
        assert outcome.ending is Ending.OUT_OF_STOCK
        assert "11 of urn wanted, 10 free" in outcome.detail
        assert world.free() == FULL
        assert world.kinds() == []


async def test_an_order_above_the_limit_waits_for_an_approval(open_world: OpenWorld) -> None:
    async with open_world() as world:
        handle = await world.start(DEAR)
        await world.env.advance(APPROVAL_TIME * 0.9)
        assert (await handle.state()).custom_status == Phase.APPROVAL
        assert world.kinds() == []
        await handle.raise_event("decision", Decision(approved=True, by="Grace"))
        assert (await handle.result()).ending is Ending.SHIPPED
        assert world.money() == {"charged": APPROVAL_LIMIT + 1}


async def test_an_order_at_the_limit_does_not(open_world: OpenWorld) -> None:
    order = attrs.evolve(ORDER, lines=(Line(sku="urn", quantity=1, cents=APPROVAL_LIMIT),))
    async with open_world() as world:
        assert (await world.end(order)).ending is Ending.SHIPPED


async def test_a_refused_order_leaves_no_trace(open_world: OpenWorld) -> None:
    async with open_world() as world:
        handle = await world.start(DEAR)
        await handle.raise_event("decision", Decision(approved=False, by="Grace"))
        assert await handle.result() == Outcome(ending=Ending.REFUSED, detail="refused by Grace")
        assert world.free() == FULL
        assert world.kinds() == []


async def test_when_nobody_decides_in_time_the_order_expires(open_world: OpenWorld) -> None:
    async with open_world() as world:
        handle = await world.start(DEAR)
        await world.env.advance(APPROVAL_TIME * 1.1)
        assert (await handle.state()).status is da.RuntimeStatus.COMPLETED
        assert (await handle.result()).ending is Ending.EXPIRED
        assert world.free() == FULL
        with pytest.raises(da.InstanceFinishedError):
            await handle.raise_event("decision", Decision(approved=True, by="Grace"))


async def test_an_address_that_does_not_exist_gets_the_money_back(open_world: OpenWorld) -> None:
    order = attrs.evolve(ORDER, address=Address(postcode="12", city="Wien", country="AT"))
    async with open_world() as world:
        assert (await world.end(order)).ending is Ending.UNDELIVERABLE
        assert world.free() == FULL
        assert world.money() == {"charged": 49_00, "refunded": 49_00}


class FirstRequest(Faults):
    """The first request about an order fares badly, the others do not."""

    def of(self, order: str, nth: int) -> Any:
        return (super() if nth == 1 else CALM).of(order, nth)


async def test_a_charge_that_was_made_and_not_answered_is_not_made_again(
    open_world: OpenWorld,
) -> None:
    faults = FirstRequest(unavailable=0, dropped=1, fastest=0, slowest=0)
    async with open_world(faults) as world:
        assert (await world.end(ORDER)).ending is Ending.SHIPPED
        assert world.kinds() == ["charged", "dropped", "repeated"]
        assert world.money() == {"charged": 49_00}


async def test_a_payment_service_that_is_unavailable_is_asked_again(open_world: OpenWorld) -> None:
    faults = FirstRequest(unavailable=1, dropped=0, fastest=0, slowest=0)
    async with open_world(faults) as world:
        assert (await world.end(ORDER)).ending is Ending.SHIPPED
        assert world.kinds() == ["unavailable", "charged"]


async def test_when_no_charge_is_ever_answered_all_that_may_have_been_paid_goes_back(
    open_world: OpenWorld,
) -> None:
    def lost_until_refund(nth: int) -> bool:
        return nth <= 8

    class NeverAnswered(Faults):
        def of(self, order: str, nth: int) -> Any:
            return (super() if lost_until_refund(nth) else CALM).of(order, nth)

    faults = NeverAnswered(unavailable=0, dropped=1, fastest=0, slowest=0)
    async with open_world(faults) as world:
        handle = await world.start(ORDER)
        with pytest.raises(PaymentUnavailableError):
            await handle.result()
        assert Counter(world.kinds()) == {"charged": 1, "dropped": 8, "repeated": 7, "refunded": 1}
        assert world.money() == {"charged": 49_00, "refunded": 49_00}
        assert world.free() == FULL


async def test_crashes_in_every_phase_change_nothing(open_world: OpenWorld) -> None:
    async with open_world(rebuild=True) as world:
        handle = await world.start(DEAR)
        await world.env.advance(APPROVAL_TIME / 2)
        await world.env.crash()
        await handle.raise_event("decision", Decision(approved=True, by="Grace"))
        await world.env.advance(PACKING_TIME / 2)
        await world.env.crash()
        assert (await handle.result()).ending is Ending.SHIPPED
        assert world.kinds() == ["charged"]
        assert len(world.warehouse.parcels()) == 1
