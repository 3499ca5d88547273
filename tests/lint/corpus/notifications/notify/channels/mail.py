"""Mail, over the provider's SMTP relay."""

import smtplib
import socket
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import durable_async as da

from notify.config import SENDER, envelope_headers

from .base import Channel, campaign


@da.activity(retry=da.RetryPolicy(max_attempts=5), timeout=60)
def relay(user: str, subject: str, body: str, headers: dict[str, str]) -> str:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, user, subject
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=socket.getfqdn())
    message.set_content(body)
    for name, value in headers.items():
        message[name] = value
    with smtplib.SMTP("relay.example.com", 587) as server:
        server.send_message(message)
    return message["Message-ID"]


class MailChannel(Channel):
    name = "mail"

    async def warm_up(self) -> None:
        socket.getaddrinfo("relay.example.com", 587)  # expect: DUR121

    async def deliver(self, user: str, subject: str, body: str) -> str:
        return await relay(user, subject, body, envelope_headers(campaign.get("none")))
