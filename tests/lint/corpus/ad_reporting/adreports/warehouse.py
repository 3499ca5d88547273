from __future__ import annotations

import datetime as dt
import logging
from contextlib import contextmanager
from typing import Any

import durable_async as da
import pandas as pd
import sqlalchemy as sa

from .model import Bid
from .settings import settings

log = logging.getLogger(__name__)


def engine() -> sa.Engine:
    return sa.create_engine(settings().warehouse)


@contextmanager
def connection():
    with engine().begin() as conn:
        yield conn


@da.activity(retry=da.RetryPolicy(max_attempts=4), timeout=600)
def bids_of_day(account: str, day: str) -> list[Bid]:
    with connection() as conn:
        frame = pd.read_sql(sa.text("select * from bids where account = :a and day = :d"), conn, params={"a": account, "d": day})
    return [Bid(*row) for row in frame.itertuples(index=False)]


@da.activity
def accounts(region: str) -> list[str]:
    with connection() as conn:
        return list(conn.execute(sa.text("select id from accounts where region = :r"), {"r": region}).scalars())


@da.activity
def publish(account: str, name: str, mime: str, body: str) -> str:
    key = f"{account}/{dt.datetime.now():%Y%m%d}/{name}"
    pd.Series([body]).to_csv(f"/mnt/reports/{key}", header=False, index=False)
    log.info("published %s as %s", key, mime)
    return key


def known_publishers(account: str) -> set[str]:
    """Publishers the account has allowed."""
    with engine().connect() as conn:  # expect: DUR121
        rows = conn.execute(sa.text("select publisher from allowed where account = :a"), {"a": account})  # expect: DUR121
        return {r[0] for r in rows}


@da.activity
async def notify(address: str, subject: str, links: list[str], extra: dict[str, Any] | None = None) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as http:
        await http.post("https://mail.internal/send", json={"to": address, "subject": subject, "links": links, **(extra or {})})
