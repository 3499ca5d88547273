"""What leaves the process."""
from __future__ import annotations

import json
import random
import smtplib
from email.message import EmailMessage
from pathlib import Path
from time import sleep

import requests

from .carriers.northpost import file_stamp
from .durable import POLITE, step

SPOOL = Path("/var/spool/parcels")


@step(retry=POLITE)
def poll_carrier(code: str, tracking_no: str) -> list[dict[str, str]]:
    sleep(random.uniform(0, 0.5))  # their gateway dislikes bursts
    reply = requests.get(f"https://{code.lower()}.example/track/{tracking_no}", timeout=10)
    if reply.status_code == 404:
        return []
    reply.raise_for_status()
    return reply.json()["events"]


@step
def mail(to: str, subject: str, body: str) -> None:
    message = EmailMessage()
    message["To"], message["Subject"] = to, subject
    message.set_content(body)
    with smtplib.SMTP("mail.internal") as smtp:
        smtp.send_message(message)


@step
def archive(tracking_no: str, at: float, scans: list[dict[str, str]]) -> str:
    target = SPOOL / f"{tracking_no}-{file_stamp(at)}.json"
    target.write_text(json.dumps(scans))
    return target.name


@step
async def open_case(tracking_no: str, why: str) -> str:
    return requests.post("https://desk.internal/cases", json={"ref": tracking_no, "why": why}).json()["id"]
