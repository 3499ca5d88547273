"""Outgoing mail and rendering. The services here are injected into the worker."""

import email.utils
import io
import os
import smtplib
import time
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import durable_async as da


@dataclass
class Mailer:
    host: str
    sender: str = "sign@example.com"

    def _message(self, to: str, subject: str) -> EmailMessage:
        message = EmailMessage()
        message["To"], message["Subject"], message["From"] = to, subject, self.sender
        message["Date"] = email.utils.format_datetime(email.utils.localtime())
        return message

    @da.activity
    def invite(self, to: str, title: str) -> None:
        with smtplib.SMTP(self.host) as smtp:
            smtp.send_message(self._message(to, title))

    @da.activity
    async def archive(self, reference: str, pages: list[str]) -> str:
        target = Path(os.environ["ARCHIVE"], f"{reference}-{int(time.time())}.txt")
        target.write_text("\f".join(pages))
        return str(target)


def render(title: str, names: list[str], open: int, total: int) -> str:
    """Plain text of the cover page."""
    buffer = io.StringIO()
    print = buffer.write
    print(f"{title}\n{'=' * len(title)}\n")
    for name in names:
        print(f"- {name}\n")
    print(f"{open} of {total} open")
    return buffer.getvalue()
