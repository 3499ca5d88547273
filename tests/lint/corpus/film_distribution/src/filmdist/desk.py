"""Other companies' desks."""

import os
import smtplib
from email.message import EmailMessage
from uuid import uuid4

import durable_async as da


def _send(to: str, subject: str) -> str:
    message = EmailMessage()
    message["To"], message["Subject"] = to, subject
    message["Message-Id"] = f"<{uuid4()}@filmdist>"
    with smtplib.SMTP(os.environ["SMTP"]) as server:
        server.send_message(message)
    return str(message["Message-Id"])


@da.activity(timeout=3600)
async def request(title: str, territory: str) -> str:
    return _send(f"desk@{territory}", f"clear {title}")


@da.activity
async def withdraw(title: str, territory: str) -> None:
    _send(f"desk@{territory}", f"withdraw {title}")
