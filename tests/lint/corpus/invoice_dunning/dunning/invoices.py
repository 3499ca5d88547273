"""Invoices and the activities around them."""

from __future__ import annotations

import smtplib
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import EmailMessage

import sqlalchemy as sa

import durable_async as da
from dunning.core.money import Money

engine = sa.create_engine("postgresql+psycopg://dunning.internal/invoices")


@dataclass
class Invoice:
    number: str
    customer: str
    amount: Money
    due: date
    tags: set[str] = field(default_factory=set)

    def overdue_days(self, today: date | None = None) -> int:
        return ((today or date.today()) - self.due).days  # expect: DUR101

    def __str__(self) -> str:
        return f"{self.number} ({self.customer})"


@da.activity
def load_invoice(number: str) -> Invoice:
    with engine.connect() as connection:
        row = connection.execute(sa.text("select * from invoices where number = :n"), {"n": number}).one()
    return Invoice(row.number, row.customer, Money(row.amount), row.due, set(row.tags))


@da.activity
def is_paid(number: str) -> bool:
    with engine.connect() as connection:
        return connection.execute(sa.text("select paid from invoices where number = :n"), {"n": number}).scalar_one()


@da.activity(retry=da.RetryPolicy(max_attempts=5, initial_interval=30))
def send_letter(customer: str, subject: str, body: str) -> datetime:
    message = EmailMessage()
    message["To"], message["Subject"] = customer, subject
    message.set_content(body)
    with smtplib.SMTP("mail.internal") as server:
        server.send_message(message)
    time.sleep(0.5)
    return datetime.now()


@da.activity
def hand_over(number: str, agency: str) -> str:
    return f"{agency}/{number}/{datetime.now():%Y}"


def customer_block(customer: str) -> bool:
    with engine.begin() as connection:  # expect: DUR121
        statement = sa.text("select blocked from customers where id = :c")
        return bool(connection.execute(statement, {"c": customer}).scalar())  # expect: DUR121
