"""MySQL and MariaDB."""

from __future__ import annotations

import secrets
import string

import pymysql

from .base import Dialect

IDENTIFIER_CHARACTERS = string.ascii_letters + string.digits + "_"


class MySql(Dialect):
    name = "mysql"
    lock_timeout = 15.0

    def quote(self, identifier: str) -> str:
        return f"`{identifier}`"

    def wrap(self, sql: str) -> str:
        prefix = f"set lock_wait_timeout = {self.lock_timeout:.0f}; "
        return prefix + super().wrap(sql)

    def suffix(self) -> str:
        return secrets.token_hex(4)  # expect: DUR111

    def strip(self, identifier: str) -> str:
        return "".join(c for c in identifier if c in IDENTIFIER_CHARACTERS)


class Vitess(MySql):
    """Shards are hidden behind vtgate, so that the name must not vary."""

    name = "vitess"

    def suffix(self) -> str:
        return "shadow"

    def keyspaces(self, host: str) -> list[str]:
        with pymysql.connect(host=host, user="schemashift") as connection:
            cursor = connection.cursor()
            cursor.execute("show keyspaces")
            return [row[0] for row in cursor.fetchall()]
