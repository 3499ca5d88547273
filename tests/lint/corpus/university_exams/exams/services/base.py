"""Base class of the service layer."""

from __future__ import annotations

import os
import threading

import psycopg
import structlog

from django.db import transaction

log = structlog.get_logger()


class Store:
    """Thin reader on the reporting replica."""

    def __init__(self) -> None:
        self.dsn = os.environ["EXAMS_REPLICA"]  # expect: DUR124

    def find(self, code: str) -> bool:
        with psycopg.connect(self.dsn) as connection:  # expect: DUR121
            return connection is not None and bool(code)

    def purge(self) -> None:
        with psycopg.connect(self.dsn) as connection:
            connection.execute("delete from report")


class Service:
    name = "service"
    calls = 0

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or Store()
        self.guard = threading.RLock()  # expect: DUR131
        Service.calls += 1  # expect: DUR141

    def log_line(self, text: str) -> None:
        log.info(text, service=self.name)  # expect: DUR143

    @transaction.atomic
    def migrate(self) -> None:
        log.info("migrated", by=os.getlogin())
