from __future__ import annotations

import os
import platform
import smtplib
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import durable_async as da
from dotenv import load_dotenv
from loguru import logger

load_dotenv()


@da.activity
def send_letter(to: str, subject: str, body: str) -> str:
    letter = EmailMessage()
    letter["To"], letter["Subject"] = to, subject
    letter.set_content(body)
    with smtplib.SMTP(os.environ["SMTP_HOST"]) as smtp:
        smtp.send_message(letter)
    logger.info("sent from {}", platform.node())
    return letter["Message-ID"] or ""


@da.activity
async def land_registry(parcel: str) -> dict[str, Any]:
    return {"parcel": parcel, "deed": Path("/srv/deeds", parcel).read_text()}


@da.activity
async def invoice(applicant: str, cents: int) -> str:
    return f"{applicant}-{cents}-{os.getpid()}"
