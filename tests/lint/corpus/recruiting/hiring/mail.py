import os
import smtplib
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import durable_async as da


def _message(to: str, subject: str) -> EmailMessage:
    message = EmailMessage()
    message["To"], message["Subject"] = to, subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid()
    return message


@da.activity
def invite(to: str, slot: str) -> None:
    with smtplib.SMTP(os.environ["SMTP_HOST"]) as smtp:
        smtp.send_message(_message(to, f"Interview {slot}"))


@da.activity
def reject(to: str) -> None:
    with smtplib.SMTP(os.environ["SMTP_HOST"]) as smtp:
        smtp.send_message(_message(to, "Your application"))
