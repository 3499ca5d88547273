"""Activities that touch databases, and the throttle before them."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import closing

import durable_async as da
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from tenacity import AsyncRetrying, stop_after_attempt

_engines: dict[str, sa.Engine] = {}


def engine_for(dsn: str) -> sa.Engine:
    if dsn not in _engines:
        _engines[dsn] = sa.create_engine(dsn, pool_size=int(os.environ.get("POOL", "2")))
    return _engines[dsn]


@da.activity(retry=da.RetryPolicy(max_attempts=3, retry_on=(OperationalError,)), timeout=4 * 3600)
def apply_sql(dsn: str, sql: str) -> float:
    started = time.monotonic()
    with engine_for(dsn).begin() as connection:
        connection.execute(sa.text(sql))
    return time.monotonic() - started


@da.activity
def checksum_table(dsn: str, table: str) -> str:
    with closing(engine_for(dsn).raw_connection()) as raw:
        cursor = raw.cursor()
        cursor.execute(f"checksum table {table}")
        return str(cursor.fetchone()[1])


@da.activity
def probe_session(session: sa.Connection) -> int:  # expect: DUR152
    return session.execute(sa.text("select 1")).scalar_one()


class Throttle:
    """Waits while replicas lag behind."""

    def __init__(self, dsn: str, limit: float) -> None:
        self.dsn = dsn
        self.limit = limit
        self.engine = sa.create_engine(dsn)

    def lag(self) -> float:
        with self.engine.connect() as connection:  # expect: DUR121
            return float(connection.scalar(sa.text("select replica_lag()")))  # expect: DUR121

    async def __aenter__(self) -> Throttle:
        async for attempt in AsyncRetrying(stop=stop_after_attempt(3)):  # expect: DUR132
            with attempt:
                lag = self.lag()
        while lag > self.limit:
            await asyncio.sleep(5)
            lag = self.lag()
        return self

    async def __aexit__(self, *details: object) -> None:
        await asyncio.sleep(0)


async def apply_all(dsn: str, statements: list[str]) -> float:
    total = 0.0
    for sql in statements:
        try:
            total += await apply_sql(dsn, sql)
        except DBAPIError as error:
            error.add_note(f"while running {sql!r}")
            raise
    return total
