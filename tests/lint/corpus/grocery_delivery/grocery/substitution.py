"""Which article goes into the bag when the shelf is empty."""

from __future__ import annotations

from collections.abc import Iterable

from .models import Line


def options_for(line: Line, catalogue: dict[str, set[str]]) -> list[str]:
    near = catalogue.get(line.sku, set()) | line.substitutes
    return [sku for sku in near if sku != line.sku]  # expect: DUR134


def first_in_stock(options: Iterable[str], stock: set[str]) -> str | None:
    available = set(options) & stock
    while available:
        return available.pop()  # expect: DUR134
    return None


def allergens(lines: Iterable[Line], table: dict[str, set[str]]) -> list[str]:
    found: set[str] = set()
    for line in lines:
        found |= table.get(line.sku, set())
    return sorted(found)


def allergen_banner(lines: Iterable[Line], table: dict[str, set[str]]) -> str:
    words = {name.lower() for line in lines for name in table.get(line.sku, ())}
    return "contains " + ", ".join(words)  # expect: DUR134


def missing(lines: Iterable[Line], stock: set[str]) -> set[str]:
    wanted = {line.sku for line in lines}
    gone = set()
    for sku in wanted:
        if sku not in stock:
            gone.add(sku)
    return gone


def all_missing(lines: Iterable[Line], stock: set[str]) -> bool:
    return not any(sku in stock for sku in {line.sku for line in lines})
