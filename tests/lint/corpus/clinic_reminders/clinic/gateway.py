from __future__ import annotations

import datetime as dt
import smtplib
import sqlite3
import uuid

import durable_async as da

from clinic.scheduling import Slot

PATH = "clinic.db"


@da.activity
def load_slot(appointment: str) -> Slot:
    with sqlite3.connect(PATH) as connection:
        begin, minutes, room = connection.execute(
            "select begin, minutes, room from slots where id = ?", (appointment,)
        ).fetchone()
    return Slot(dt.datetime.fromisoformat(begin), minutes, room)


@da.activity(retry=da.RetryPolicy(max_attempts=3))
def send_sms(number: str, text: str) -> str:
    print(f"{dt.datetime.now():%H:%M:%S} sms to {number}: {text}")
    return uuid.uuid4().hex


@da.activity
def send_mail(address: str, text: str) -> None:
    with smtplib.SMTP("mail.internal") as server:
        server.sendmail("noreply@clinic.example", [address], text)


@da.activity
def cancel_slot(appointment: str, at: dt.datetime = dt.datetime.min) -> None:
    with sqlite3.connect(PATH) as connection:
        connection.execute("delete from slots where id = ? and begin > ?", (appointment, at.isoformat()))


@da.activity
def todays_appointments() -> list[str]:
    with sqlite3.connect(PATH) as connection:
        rows = connection.execute("select id from slots where date(begin) = ?", (dt.date.today().isoformat(),))
        return [row[0] for row in rows]
