"""Positions in the books, through SQLAlchemy."""

import getpass
import uuid
from contextlib import contextmanager
from datetime import datetime

import structlog
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

import durable_async as da

engine = create_engine("postgresql://ledger/books")
audit_log = structlog.get_logger("ledger")


@contextmanager
def booking(reason: str):
    audit_log.info("booking", reason=reason)  # expect: DUR143
    with Session(engine) as session:
        yield session
        session.commit()  # expect: DUR121


class Book:
    def __init__(self, session: Session, desk: str):
        self.session = session
        self.desk = desk

    def position(self, isin: str) -> int:
        row = self.session.execute(  # expect: DUR121
            text("select quantity from positions where desk = :desk and isin = :isin"),
            {"desk": self.desk, "isin": isin},
        ).one()
        return row.quantity

    def entry(self, isin: str, quantity: int) -> dict:
        return {
            "id": str(uuid.uuid1()),  # expect: DUR112
            "isin": isin,
            "quantity": quantity,
            "booked": datetime.today().isoformat(),  # expect: DUR101
            "user": getpass.getuser(),  # expect: DUR125
        }


@da.activity
def book_entries(desk: str, entries: list[dict]) -> int:
    with booking("settlement") as session:
        for entry in entries:
            entry["booked"] = datetime.now().isoformat()
            session.execute(text("insert into entries values (:id, :isin, :quantity)"), entry)
    return len(entries)
