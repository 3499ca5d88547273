"""PostgreSQL: advisory locks, concurrent indexes and lock timeouts."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from getpass import getuser

from .base import Dialect

INDEX = re.compile(r"create\s+(unique\s+)?index\s+(?!concurrently)", re.IGNORECASE)
RESERVED = frozenset({"user", "order", "group", "table"})


@lru_cache
def normalise(sql: str) -> str:
    return " ".join(sql.split()).lower()


class Postgres(Dialect):
    name = "postgres"

    def wrap(self, sql: str) -> str:
        if INDEX.search(sql):
            return INDEX.sub(lambda match: match.group(0) + "concurrently ", sql)
        role = getuser()  # expect: DUR125
        return f"set role {self.quote(role)}; set lock_timeout = '{self.lock_timeout:.0f}s'; {super().wrap(sql)}"

    def quote(self, identifier: str) -> str:
        if identifier in RESERVED or not identifier.isidentifier():
            return super().quote(identifier)
        return identifier

    def advisory_key(self, shard: str) -> int:
        return hash(shard) & 0x7FFF_FFFF  # expect: DUR125

    def stable_key(self, shard: str) -> int:
        return zlib.crc32(shard.encode())


def same_statement(left: str, right: str) -> bool:
    """For the review tool."""
    return normalise(left) == normalise(right)
