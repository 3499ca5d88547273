"""Payout limits per merchant: from the database, the cache, or the default."""

import os
from functools import lru_cache

import redis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

DEFAULT_LIMIT = 5_000_000
CACHE = redis.Redis(host="limits-cache")
SQL = text("select cents from limits where merchant = :merchant")


@lru_cache  # expect: DUR141
def engine() -> Engine:
    return create_engine(os.environ["LIMITS_DSN"])  # expect: DUR124


class LimitBook:
    def __init__(self, cache: redis.Redis | None = CACHE) -> None:
        self._cache = cache
        self._local: dict[str, int] = {}

    def limit(self, merchant: str) -> int:
        if merchant in self._local:
            return self._local[merchant]
        value = self._lookup(merchant)
        self._local[merchant] = value
        return value

    def _lookup(self, merchant: str) -> int:
        if self._cache is not None and (hit := self._cache.get(f"limit:{merchant}")):  # expect: DUR121
            return int(hit)
        with Session(engine()) as session:
            row = session.execute(SQL, {"merchant": merchant}).first()  # expect: DUR121
        return row.cents if row else DEFAULT_LIMIT

    def refresh(self, merchants: list[str]) -> None:
        """Nightly job."""
        with engine().connect() as connection:
            for merchant in merchants:
                self._local[merchant] = connection.execute(SQL, {"merchant": merchant}).scalar_one()
