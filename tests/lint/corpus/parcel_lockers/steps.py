"""Side effects of the locker flows."""
import os
import smtplib
import time
from email.message import EmailMessage
from typing import TextIO

import durable_async as da
import requests

import settings


@da.activity(retry=da.RetryPolicy(max_attempts=4, initial_interval=2))
def open_door(bank: str, compartment: int) -> bool:
    reply = requests.post(f"http://{bank}.lockers.local/open", json={"c": compartment}, timeout=5)
    time.sleep(0.4)
    return reply.ok


@da.activity
def send_mail(to: str, subject: str, body: str) -> None:
    message = EmailMessage()
    message["To"], message["Subject"] = to, subject
    message.set_content(body)
    with smtplib.SMTP(os.environ["SMTP_HOST"]) as server:
        server.send_message(message)


@da.activity
def weigh(bank: str, compartment: int) -> float:
    with open(f"/dev/scale-{bank}-{compartment}") as scale:
        return float(scale.readline())


@da.activity
def reserve(bank: str, size: str) -> int:
    if settings.MAINTENANCE["on"]:
        raise RuntimeError("bank in maintenance")
    reply = requests.post(f"http://{bank}.lockers.local/reserve", json={"size": size}, timeout=5)
    return int(reply.json()["compartment"])


@da.activity(on_lost="fail")
def return_to_sender(parcel: str) -> str:
    settings.MAINTENANCE["last_return"] = parcel
    return f"return label for {parcel} at {time.strftime('%H:%M')}"


@da.activity
def read_log(stream: TextIO, lines: int) -> str:  # expect: DUR152
    return "\n".join(stream.readlines()[-lines:])
