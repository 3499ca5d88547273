"""The demo's data: what it promises, and that it can be made again."""

import re
from pathlib import Path

import msgspec
import pytest

from fulfilment import APPROVAL_LIMIT
from make_orders import make_orders, write
from orders import ORDERS, Order, read_orders
from payments import DECLINED
from warehouse import CATALOGUE, POSTCODES, read_catalogue


@pytest.fixture(scope="module")
def orders() -> list[Order]:
    return read_orders()


def test_there_are_at_least_200_orders_each_with_an_id_of_its_own(orders: list[Order]) -> None:
    assert len(orders) >= 200
    assert len({order.id for order in orders}) == len(orders)


def test_every_line_is_of_an_article_at_its_price_and_no_article_stands_twice(
    orders: list[Order],
) -> None:
    prices = {entry.sku: entry.cents for entry in read_catalogue()}
    for order in orders:
        assert order.lines
        assert len(set(order.skus)) == len(order.skus)
        for line in order.lines:
            assert line.quantity >= 1
            assert line.cents == prices[line.sku]


def test_an_order_costs_what_its_lines_cost(orders: list[Order]) -> None:
    first = orders[0]
    assert [(line.quantity, line.cents) for line in first.lines] == [
        (1, 36_00),
        (1, 99_00),
        (1, 149_00),
    ]
    assert first.cents == 284_00


def test_orders_are_placed_one_after_the_other(orders: list[Order]) -> None:
    times = [order.placed_at for order in orders]
    assert times == sorted(times)


def test_every_customer_has_a_mailbox_of_the_domain_for_examples(orders: list[Order]) -> None:
    for order in orders:
        assert re.fullmatch(r"[a-z]+\.[a-z]+@example\.com", order.customer.email)


def test_there_is_something_of_everything_that_can_go_wrong(orders: list[Order]) -> None:
    stock = {entry.sku: entry.received for entry in read_catalogue()}
    wanted: dict[str, int] = dict.fromkeys(stock, 0)
    for order in orders:
        for line in order.lines:
            wanted[line.sku] += line.quantity
    dear = [order for order in orders if order.cents > APPROVAL_LIMIT]
    declined = [order for order in orders if order.card.startswith(DECLINED)]
    sold_out = [order for order in orders if any(stock[sku] == 0 for sku in order.skus)]
    mistyped = [
        order
        for order in orders
        if not re.fullmatch(POSTCODES[order.address.country], order.address.postcode)
    ]
    scarce = [sku for sku, pieces in stock.items() if 0 < pieces < wanted[sku]]
    assert len(dear) >= 20
    assert len(declined) >= 10
    assert len(sold_out) >= 10
    assert len(mistyped) >= 3
    assert scarce
    assert len({order.id for order in dear + declined + sold_out + mistyped}) < len(orders) / 2


def test_the_generator_writes_the_files_that_are_here(tmp_path: Path) -> None:
    orders_path, catalogue_path = tmp_path / "orders.jsonl", tmp_path / "catalogue.json"
    write(make_orders(), orders_path, catalogue_path)
    assert orders_path.read_bytes() == ORDERS.read_bytes()
    assert catalogue_path.read_bytes() == CATALOGUE.read_bytes()


def test_a_file_that_does_not_hold_orders_is_refused_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    path.write_text('{"id": "o-1", "placed_at": "yesterday"}\n')
    with pytest.raises(msgspec.ValidationError, match=r"\$\.placed_at"):
        read_orders(path)
