"""Interest rates by product, read from the rates file once."""

import csv
import threading
from decimal import Decimal

_rates: dict[str, Decimal] = {}
reload_guard = threading.Lock()


def _load() -> None:
    with open("rates.csv", newline="") as source:  # expect: DUR122
        _rates.update((row["product"], Decimal(row["rate"])) for row in csv.DictReader(source))  # expect: DUR141


def interest_rate(product: str) -> Decimal:
    if product not in _rates:  # expect: DUR141
        _load()
    return _rates[product]  # expect: DUR141


def reload() -> None:
    """Called by the admin endpoint."""
    with reload_guard:
        _load()
