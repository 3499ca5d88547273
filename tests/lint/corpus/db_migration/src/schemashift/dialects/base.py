"""The contract of a dialect, and the registry that subclasses enter by being defined."""

from __future__ import annotations

import logging
import time
from typing import Any

registry: dict[str, type[Dialect]] = {}


class Dialect:
    name = ""
    lock_timeout = 5.0
    log = logging.getLogger("schemashift.dialect")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        registry[cls.name] = cls

    def quote(self, identifier: str) -> str:
        return '"' + identifier.replace('"', '""') + '"'

    def wrap(self, sql: str) -> str:
        return f"begin; {sql.rstrip(';')}; commit"

    def shadow_table(self, table: str) -> str:
        return self.quote(f"_{table}_{self.suffix()}")

    def suffix(self) -> str:
        return format(int(time.time()), "x")  # expect: DUR101

    def explain(self, connection: Any, sql: str) -> str:
        started = time.perf_counter()
        rows = connection.execute(f"explain {sql}")
        self.log.info("explained in %.3f", time.perf_counter() - started)
        return "\n".join(row[0] for row in rows)
