import collections
import sqlite3
import time
from collections.abc import Mapping
from typing import ClassVar

import arrow

from .locations import Shelf


class StockError(sqlite3.IntegrityError):
    def __init__(self, sku: str) -> None:
        super().__init__(sku)
        self.at = arrow.utcnow()  # expect: DUR101


class Repository:
    path = "/var/lib/wms/stock.db"

    def read(self, sku: str) -> int:
        row = sqlite3.connect(self.path).execute("SELECT n FROM stock WHERE sku = ?", (sku,)).fetchone()  # expect: DUR121
        return row[0] if row else 0


class Stock(collections.UserDict):
    reservations: ClassVar[dict[str, int]] = {}
    instances = 0

    def __init__(self, site: str):
        super().__init__()
        self.site = site
        self.repository = Repository()
        Stock.instances += 1  # expect: DUR141

    def __missing__(self, sku: str) -> int:
        level = self.repository.read(sku)
        self.data[sku] = level
        return level

    def __getitem__(self, sku: str) -> int:
        if sku in self.data:
            return self.data[sku]
        return self.__missing__(sku)

    def reserve(self, wanted: Mapping[str, int]) -> None:
        for sku, quantity in wanted.items():
            try:
                if self[sku] < quantity:
                    raise StockError(sku)
            except sqlite3.OperationalError:
                continue
            Stock.reservations[sku] = quantity  # expect: DUR141
            Shelf(sku).touch()

    def recount(self) -> float:
        """The yearly inventory, from the back office."""
        started = time.time()
        self.data = {sku: self.repository.read(sku) for sku in self.data}
        return time.time() - started
