from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any

from privacy._durable import engine, step

from .base import Erased, Store, StoreError


@contextlib.contextmanager
def _database(name: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"/srv/db/{name}.db")
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


@step(retry=engine.RetryPolicy(max_attempts=4))
def delete_rows(database: str, table: str, subject: str) -> int:
    with _database(database) as connection:
        return connection.execute(f"delete from {table} where subject = ?", (subject,)).rowcount


@step
def pseudonymize(database: str, table: str, subject: str, alias: str) -> int:
    with _database(database) as connection:
        return connection.execute(f"update {table} set subject = ? where subject = ?", (alias, subject)).rowcount


@step
def legal_hold(subject: str) -> bool:
    with _database("legal") as connection:
        return connection.execute("select 1 from holds where subject = ?", (subject,)).fetchone() is not None


class CrmStore(Store):
    tables = {"contacts", "notes", "calls"}

    async def erase(self, subject: str) -> Erased:
        if await legal_hold(subject):
            raise StoreError(subject)
        rows = 0
        for table in self.tables:  # expect: DUR134
            rows += await delete_rows("crm", table, subject)
        return Erased("crm", rows)

    async def export(self, subject: str) -> dict[str, Any]:
        return await super().export(subject) | {"tables": sorted(self.tables)}


class OrderStore(Store):
    """Invoices have to be kept for ten years, so names are replaced."""

    retention_days = 3650
    tables = frozenset({"orders", "invoices"})

    async def erase(self, subject: str) -> Erased:
        alias = f"erased-{engine.uuid4().hex[:12]}"
        counts = await asyncio.gather(
            *(pseudonymize("orders", table, subject, alias) for table in sorted(self.tables))
        )
        return Erased("orders", sum(counts), (alias,))
