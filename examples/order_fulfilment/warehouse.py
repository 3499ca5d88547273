"""A warehouse in an SQLite file.

Invariant: what was received of an article is what is free, plus what is reserved, plus what was
shipped; each change is one transaction.

Every operation may be repeated, and may come late: whoever calls it cannot always learn whether
an earlier try succeeded. So a reservation goes one way, from reserved to shipped or to released,
and never comes back. Releasing what was never reserved closes it as well: a reservation that
arrives after its own release finds the door shut.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

import attrs
import msgspec

from orders import Address, OutOfStockError, UndeliverableError

CATALOGUE = Path(__file__).with_name("catalogue.json")

SCHEMA = """
CREATE TABLE IF NOT EXISTS article (
    sku       TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    received  INTEGER NOT NULL CHECK (received >= 0),
    free      INTEGER NOT NULL CHECK (free BETWEEN 0 AND received)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reservation (
    order_id  TEXT NOT NULL,
    sku       TEXT NOT NULL,
    quantity  INTEGER NOT NULL CHECK (quantity >= 0),
    state     TEXT NOT NULL CHECK (state IN ('reserved', 'shipped', 'released')),
    PRIMARY KEY (order_id, sku)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parcel (
    number    INTEGER PRIMARY KEY,
    order_id  TEXT NOT NULL UNIQUE,
    country   TEXT NOT NULL
);
"""

# Where the carrier goes, and what a postcode looks like there.
POSTCODES = {
    "AT": r"\d{4}",
    "BE": r"\d{4}",
    "CH": r"\d{4}",
    "DE": r"\d{5}",
    "DK": r"\d{4}",
    "ES": r"\d{5}",
    "FR": r"\d{5}",
    "IE": r"[A-Z]\d{2} [A-Z0-9]{4}",
    "IT": r"\d{5}",
    "NL": r"\d{4} [A-Z]{2}",
    "PL": r"\d{2}-\d{3}",
    "PT": r"\d{4}-\d{3}",
    "SE": r"\d{3} \d{2}",
}


@attrs.frozen(kw_only=True)
class Article:
    """free: pieces neither reserved nor shipped."""

    sku: str
    name: str
    received: int
    free: int


@attrs.frozen(kw_only=True)
class CatalogueEntry:
    """cents: the price of one piece. received: pieces that came in before the first order."""

    sku: str
    name: str
    cents: int
    received: int


@attrs.frozen(kw_only=True)
class Reservation:
    order_id: str
    sku: str
    quantity: int
    state: Literal["reserved", "shipped", "released"]


@attrs.frozen(kw_only=True)
class Parcel:
    order_id: str
    number: int
    country: str

    @property
    def tracking(self) -> str:
        return tracking(self.number, self.country)


class WarehouseError(Exception):
    """What was asked contradicts what was asked before."""


def read_catalogue(path: Path = CATALOGUE) -> list[CatalogueEntry]:
    return msgspec.json.decode(path.read_bytes(), type=list[CatalogueEntry])


def tracking(number: int, country: str) -> str:
    return f"PX{number:06d}{country}"


class Warehouse:
    """Safe to share between threads; several processes may open one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # SQLite takes one writer at a time, and waits for its turn by sleeping longer and
        # longer; a lock wakes the next one at once.
        self._turn = threading.Lock()
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(SCHEMA)

    def receive(self, entries: Iterable[CatalogueEntry]) -> None:
        """Put new articles on the shelves; an article that is there already stays as it is."""
        rows = [(entry.sku, entry.name, entry.received, entry.received) for entry in entries]
        with self._transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO article VALUES (?, ?, ?, ?)", rows)

    def reserve(self, order_id: str, sku: str, quantity: int) -> None:
        """Set pieces of one article aside for an order.

        quantity: pieces, at least 1. Repeating it reserves nothing more.
        Raises: OutOfStockError if fewer pieces are free; WarehouseError if the order has
        reserved another quantity, or its reservation is closed.
        """
        if quantity < 1:
            raise ValueError(f"quantity is {quantity}; reserve at least one piece of {sku}")
        with self._transaction() as connection:
            known = _reservation(connection, order_id, sku)
            if known is None:
                _take(connection, sku, quantity)
                _record(connection, order_id, sku, quantity, "reserved")
            elif known.state != "reserved" or known.quantity != quantity:
                raise WarehouseError(
                    f"order {order_id} asks for {quantity} of {sku}, but has {known.quantity} "
                    f"{known.state}; reserve under another order id"
                )

    def release(self, order_id: str, skus: Sequence[str]) -> None:
        """Give back what an order has reserved, and let it reserve none of these any more.

        Raises: WarehouseError if it was shipped.
        """
        with self._transaction() as connection:
            for sku in skus:
                known = _reservation(connection, order_id, sku)
                if known is None:
                    _record(connection, order_id, sku, 0, "released")
                elif known.state == "reserved":
                    _give_back(connection, known)
                elif known.state == "shipped":
                    raise WarehouseError(
                        f"{sku} of order {order_id} has been shipped and cannot be released; "
                        "ask the customer to send it back"
                    )

    def ship(self, order_id: str, address: Address) -> str:
        """Send off all that an order has reserved; the parcel's tracking number.

        Repeating it sends nothing more and gives the same number.
        Raises: UndeliverableError if the carrier does not know the address; WarehouseError if
        nothing is reserved.
        """
        with self._transaction() as connection:
            sent = connection.execute(
                "SELECT number, country FROM parcel WHERE order_id = ?", (order_id,)
            ).fetchone()
            if sent is not None:
                return tracking(*sent)
            _check(address)
            moved = connection.execute(
                "UPDATE reservation SET state = 'shipped' "
                "WHERE order_id = ? AND state = 'reserved'",
                (order_id,),
            ).rowcount
            if moved == 0:
                raise WarehouseError(
                    f"order {order_id} has nothing reserved to ship; reserve its lines first"
                )
            (number,) = connection.execute(
                "INSERT INTO parcel (order_id, country) VALUES (?, ?) RETURNING number",
                (order_id, address.country),
            ).fetchone()
            return tracking(number, address.country)

    def articles(self) -> list[Article]:
        with self._transaction() as connection:
            rows = connection.execute("SELECT sku, name, received, free FROM article")
            return [
                Article(sku=sku, name=name, received=received, free=free)
                for sku, name, received, free in rows
            ]

    def reservations(self) -> list[Reservation]:
        """All that were ever made, in any state; those released before they were made as 0."""
        with self._transaction() as connection:
            rows = connection.execute("SELECT order_id, sku, quantity, state FROM reservation")
            return [
                Reservation(order_id=order_id, sku=sku, quantity=quantity, state=state)
                for order_id, sku, quantity, state in rows
            ]

    def parcels(self) -> list[Parcel]:
        with self._transaction() as connection:
            rows = connection.execute("SELECT order_id, number, country FROM parcel")
            return [
                Parcel(order_id=order_id, number=number, country=country)
                for order_id, number, country in rows
            ]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit what the block does, or none of it."""
        with self._turn, self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection; when it closes, what it has not committed is rolled back."""
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        with closing(connection):
            connection.execute("PRAGMA synchronous = FULL")
            yield connection


def _reservation(connection: sqlite3.Connection, order_id: str, sku: str) -> Reservation | None:
    row = connection.execute(
        "SELECT quantity, state FROM reservation WHERE order_id = ? AND sku = ?", (order_id, sku)
    ).fetchone()
    if row is None:
        return None
    quantity, state = row
    return Reservation(order_id=order_id, sku=sku, quantity=quantity, state=state)


def _take(connection: sqlite3.Connection, sku: str, quantity: int) -> None:
    row = connection.execute("SELECT free FROM article WHERE sku = ?", (sku,)).fetchone()
    free = 0 if row is None else row[0]
    if free < quantity:
        raise OutOfStockError(f"{quantity} of {sku} wanted, {free} free")
    connection.execute("UPDATE article SET free = free - ? WHERE sku = ?", (quantity, sku))


def _give_back(connection: sqlite3.Connection, reservation: Reservation) -> None:
    connection.execute(
        "UPDATE article SET free = free + ? WHERE sku = ?",
        (reservation.quantity, reservation.sku),
    )
    connection.execute(
        "UPDATE reservation SET state = 'released' WHERE order_id = ? AND sku = ?",
        (reservation.order_id, reservation.sku),
    )


def _record(
    connection: sqlite3.Connection, order_id: str, sku: str, quantity: int, state: str
) -> None:
    connection.execute(
        "INSERT INTO reservation VALUES (?, ?, ?, ?)", (order_id, sku, quantity, state)
    )


def _check(address: Address) -> None:
    pattern = POSTCODES.get(address.country)
    if pattern is None:
        raise UndeliverableError(f"the carrier does not deliver to {address.country}")
    if re.fullmatch(pattern, address.postcode) is None:
        raise UndeliverableError(
            f"there is no postcode {address.postcode!r} in {address.country} ({address.city})"
        )
