"""The demo's warehouse: every operation may be repeated, come late, and be cut short."""

import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders import Address, OutOfStockError, UndeliverableError
from warehouse import CatalogueEntry, Reservation, Warehouse, WarehouseError

DUBLIN = Address(postcode="D02 X285", city="Dublin", country="IE")


def stocked(path: Path, pieces: int = 10) -> Warehouse:
    warehouse = Warehouse(path)
    warehouse.receive(
        CatalogueEntry(sku=sku, name=sku.title(), cents=1_00, received=pieces)
        for sku in ("cup", "pot")
    )
    return warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return stocked(tmp_path / "warehouse.db")


def free(warehouse: Warehouse) -> dict[str, int]:
    return {article.sku: article.free for article in warehouse.articles()}


def test_reserved_pieces_are_free_no_more(warehouse: Warehouse) -> None:
    warehouse.reserve("o-1", "cup", 3)
    assert free(warehouse) == {"cup": 7, "pot": 10}


def test_reserving_again_reserves_nothing_more(warehouse: Warehouse) -> None:
    for _ in range(3):
        warehouse.reserve("o-1", "cup", 3)
    assert free(warehouse)["cup"] == 7


def test_reserving_another_quantity_for_the_same_order_is_refused(warehouse: Warehouse) -> None:
    warehouse.reserve("o-1", "cup", 3)
    with pytest.raises(WarehouseError, match="asks for 4 of cup, but has 3 reserved"):
        warehouse.reserve("o-1", "cup", 4)
    assert free(warehouse)["cup"] == 7


def test_more_than_is_free_is_out_of_stock_and_takes_nothing(warehouse: Warehouse) -> None:
    warehouse.reserve("o-1", "cup", 8)
    with pytest.raises(OutOfStockError, match="3 of cup wanted, 2 free"):
        warehouse.reserve("o-2", "cup", 3)
    assert free(warehouse)["cup"] == 2
    assert len(warehouse.reservations()) == 1


def test_an_article_that_nobody_knows_is_out_of_stock(warehouse: Warehouse) -> None:
    with pytest.raises(OutOfStockError, match="1 of teapot wanted, 0 free"):
        warehouse.reserve("o-1", "teapot", 1)


@pytest.mark.parametrize("quantity", [0, -1])
def test_less_than_one_piece_cannot_be_reserved(warehouse: Warehouse, quantity: int) -> None:
    with pytest.raises(ValueError, match=f"quantity is {quantity}"):
        warehouse.reserve("o-1", "cup", quantity)


def test_released_pieces_are_free_again_however_often_one_asks(warehouse: Warehouse) -> None:
    warehouse.reserve("o-1", "cup", 3)
    warehouse.reserve("o-1", "pot", 1)
    for _ in range(3):
        warehouse.release("o-1", ["cup", "pot"])
    assert free(warehouse) == {"cup": 10, "pot": 10}


def test_a_reservation_that_comes_after_its_own_release_finds_the_door_shut(
    warehouse: Warehouse,
) -> None:
    warehouse.release("o-1", ["cup"])
    with pytest.raises(WarehouseError, match="has 0 released"):
        warehouse.reserve("o-1", "cup", 3)
    assert free(warehouse)["cup"] == 10


def test_a_parcel_takes_all_that_is_reserved_once(warehouse: Warehouse) -> None:
    warehouse.reserve("o-1", "cup", 3)
    warehouse.reserve("o-1", "pot", 1)
    numbers = {warehouse.ship("o-1", DUBLIN) for _ in range(3)}
    assert numbers == {"PX000001IE"}
    assert [parcel.tracking for parcel in warehouse.parcels()] == ["PX000001IE"]
    assert {entry.state for entry in warehouse.reservations()} == {"shipped"}
    assert free(warehouse) == {"cup": 7, "pot": 9}


def test_what_was_shipped_cannot_be_released(warehouse: Warehouse) -> None:
    warehouse.reserve("o-1", "cup", 3)
    warehouse.ship("o-1", DUBLIN)
    with pytest.raises(WarehouseError, match="has been shipped"):
        warehouse.release("o-1", ["pot", "cup"])
    assert warehouse.reservations() == [
        Reservation(order_id="o-1", sku="cup", quantity=3, state="shipped")
    ]


def test_nothing_reserved_is_nothing_to_ship(warehouse: Warehouse) -> None:
    warehouse.reserve("o-1", "cup", 3)
    warehouse.release("o-1", ["cup"])
    with pytest.raises(WarehouseError, match="nothing reserved"):
        warehouse.ship("o-1", DUBLIN)
    assert warehouse.parcels() == []


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (Address(postcode="1011", city="Reykjavik", country="IS"), "does not deliver to IS"),
        (Address(postcode="6974", city="Strasbourg", country="FR"), "no postcode '6974' in FR"),
        (Address(postcode="80331\n", city="München", country="DE"), "no postcode"),
    ],
)
def test_an_address_that_the_carrier_does_not_know_moves_nothing(
    warehouse: Warehouse, address: Address, reason: str
) -> None:
    warehouse.reserve("o-1", "cup", 3)
    with pytest.raises(UndeliverableError, match=reason):
        warehouse.ship("o-1", address)
    assert [entry.state for entry in warehouse.reservations()] == ["reserved"]


def test_articles_that_are_there_keep_their_stock_when_they_are_received_again(
    tmp_path: Path,
) -> None:
    stocked(tmp_path / "warehouse.db").reserve("o-1", "cup", 3)
    assert free(stocked(tmp_path / "warehouse.db"))["cup"] == 7


def test_of_many_who_want_the_last_pieces_just_enough_get_them(warehouse: Warehouse) -> None:
    def reserve(number: int) -> bool:
        try:
            warehouse.reserve(f"o-{number}", "cup", 3)
        except OutOfStockError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        got = list(threads.map(reserve, range(24)))
    assert got.count(True) == 3
    assert free(warehouse)["cup"] == 1


KILLED_IN_A_TRANSACTION = """
import os, pathlib, signal, sys
from warehouse import Warehouse
warehouse = Warehouse(pathlib.Path(sys.argv[1]))
with warehouse._transaction() as connection:
    connection.execute("UPDATE article SET free = 0")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_had_not_committed_never_happened(
    tmp_path: Path, warehouse: Warehouse
) -> None:
    folder = Path(sys.modules[Warehouse.__module__].__file__ or "").parent
    done = subprocess.run(
        [sys.executable, "-c", KILLED_IN_A_TRANSACTION, str(tmp_path / "warehouse.db")],
        cwd=folder,
        check=False,
    )
    assert done.returncode == -9
    assert free(warehouse) == {"cup": 10, "pot": 10}
    warehouse.reserve("o-1", "cup", 10)


Operation = Callable[[Warehouse], object]

order_ids = st.sampled_from(["o-1", "o-2", "o-3"])
skus = st.sampled_from(["cup", "pot"])
operations = st.one_of(
    st.builds(
        lambda order, sku, pieces: lambda shop: shop.reserve(order, sku, pieces),
        order_ids, skus, st.integers(1, 6),
    ),
    st.builds(lambda order: lambda shop: shop.release(order, ["cup", "pot"]), order_ids),
    st.builds(lambda order: lambda shop: shop.ship(order, DUBLIN), order_ids),
)  # fmt: skip


@given(steps=st.lists(operations, max_size=12))
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_asked_in_whatever_order_no_piece_is_lost_or_made(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Operation]
) -> None:
    warehouse = stocked(tmp_path_factory.mktemp("stock") / "warehouse.db")
    for step in steps:
        try:
            step(warehouse)
        except (OutOfStockError, WarehouseError):
            continue
    gone = Counter[str]()
    for entry in warehouse.reservations():
        if entry.state != "released":
            gone[entry.sku] += entry.quantity
    for article in warehouse.articles():
        assert article.received == article.free + gone[article.sku]
    shipped = {entry.order_id for entry in warehouse.reservations() if entry.state == "shipped"}
    assert shipped == {parcel.order_id for parcel in warehouse.parcels()}


def test_a_file_that_is_no_warehouse_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.db"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        Warehouse(path)
