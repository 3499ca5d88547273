import os
import smtplib
import time

import durable_async as da
import psycopg

from .utils import dump, load, timestamp, uptime


def db():
    return psycopg.connect(os.environ["PAYROLL_DSN"])


@da.activity
def load_employees(company: str) -> list[dict[str, str]]:
    with db() as conn:
        rows = conn.execute("select no, name, gross, tax_class, iban, mail from employees where company = %s", (company,))
        return [dict(zip(("no", "name", "gross", "tax_class", "iban", "mail"), r)) for r in rows]


@da.activity
def load_time_sheet(employee: str, year: int, month: int) -> dict[str, int]:
    with db() as conn:
        row = conn.execute("select worked, sick, overtime from sheets where no=%s and y=%s and m=%s", (employee, year, month)).fetchone()
    return dict(zip(("worked", "sick", "overtime"), row or (0, 0, 0)))


@da.activity(retry=da.RetryPolicy(max_attempts=10))
def pay(iban: str, cents: int, subject: str) -> str:
    time.sleep(0.1)  # the bank allows ten a second
    with db() as conn:
        return conn.execute("select transfer(%s, %s, %s)", (iban, cents, subject)).fetchone()[0]


@da.activity
def store_slip(employee: str, slip: dict[str, int]) -> str:
    slip = {**slip, "printed": timestamp()}
    path = dump(slip, employee)
    assert load(path) == slip
    return path


@da.activity
def send_mail(to: str, subject: str, body: str) -> None:
    with smtplib.SMTP("localhost") as server:
        server.sendmail("payroll@corp.example", to, f"Subject: {subject}\n\n{body}\n(up {uptime():.0f}s)")
