"""Checks tariffs."""

import durable_async as da

from . import book
from .book import Book, Tariff, exported


@da.activity
async def export(zone: str) -> int:
    book.REGISTRY.clear()
    return exported(zone)


@da.orchestrator
async def check_tariffs(zones: list[str]) -> list[str]:
    mine = Book()
    lines: list[str] = []
    for zone in zones:
        mine.add(zone)
        tariff = Tariff(zone)
        tariff.mark(zone)
        book.parameter(lines)
        lines.append(f"{tariff.limit()} {await export(zone)} {book.default_unchanged(zone)}")
    total = book.local_shadow(zones) + book.closure(zones) + len(book.merged({})) + len(book.grouped(zones))
    return lines + book.copied("c") + book.copied_again("d") + book.handler_names() + [str(total)]
