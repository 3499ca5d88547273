"""The store of cases; sync for the console, async for the service."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from queue import Queue

import boto3
import sqlalchemy as sa
from redis.asyncio import Redis
from sqlalchemy.orm import Session, sessionmaker

import durable_async as da

metadata = sa.MetaData()
cases = sa.Table("cases", metadata, sa.Column("id", sa.String, primary_key=True))


class CaseStore:
    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url)
        self._make = sessionmaker(self._engine)

    def known(self, case_id: str) -> bool:
        with self._make() as session:
            query = sa.select(cases).where(cases.c.id == case_id)
            return session.execute(query).first() is not None  # expect: DUR121

    def purge(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(cases.delete())


def label(session: Session, case_id: str) -> str | None:
    return session.scalar(sa.select(cases.c.id).where(cases.c.id == case_id))


class Buffer:
    def __init__(self, rows: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()  # expect: DUR131
        self._rows: Queue[str] = Queue()  # expect: DUR131
        for row in rows:
            self._rows.put(row)  # expect: DUR102

    def size(self) -> int:
        with self._lock:
            return self._rows.qsize()


async def score_cache(key: str) -> str | None:
    redis = Redis.from_url("redis://cache")
    return await redis.get(key)  # expect: DUR121


@da.activity
def freeze(account: str) -> str:
    table = boto3.resource("dynamodb").Table("accounts")
    table.update_item(Key={"id": account}, UpdateExpression="SET frozen = true")
    return account


@da.activity
async def edges_of(account: str) -> list[tuple[str, str]]:
    store = CaseStore("sqlite:///cases.db")
    store.purge()
    return [(account, f"{account}-device")]


def report_object(name: str) -> bytes:
    s3 = boto3.client("s3")  # expect: DUR121
    return s3.get_object(Bucket="reports", Key=name)["Body"].read()  # expect: DUR121
