"""Publishes tariffs."""

import durable_async as da

from . import book
from .book import Tariff


@da.activity
async def publish(zone: str, cents: int) -> None:
    Tariff.aliases["published"] = zone


@da.orchestrator
async def publish_tariffs(zones: list[str]) -> int:
    total = 0
    for zone in zones:
        tariff = Tariff(zone)
        tariff.rename(zone.title())
        tariff.forget()
        book.learn(zone, book.cents(zone))
        total += book.known(zone) + book.rounded(zone) + book.night(zone) + book.collect(zone)
        if book.visit(book.queue(zone)):
            book.count(zone)
            book.group(zone)
            book.journal(zone)
        await publish(zone, total)
    Tariff.reset()
    return total
