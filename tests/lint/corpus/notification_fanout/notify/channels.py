"""Ways out to a person."""

import abc
import secrets
import smtplib
import time
import uuid
from email.message import EmailMessage

import requests
from loguru import logger

import durable_async as da

__all__ = ["CHANNELS", "Channel", "EmailChannel", "PushChannel", "SmsChannel", "deliver"]


class Channel(abc.ABC):
    name = "?"
    sent_total = 0

    def __init__(self, sender="noreply@example.com"):
        self.sender = sender

    def send(self, address, text):
        """Template method: subclasses say how."""
        message_id = self.message_id()
        self._push(message_id, address, text)
        Channel.sent_total += 1  # expect: DUR141
        return message_id

    def message_id(self):
        return f"{self.name}-{uuid.uuid4()}"  # expect: DUR112

    @abc.abstractmethod
    def _push(self, message_id, address, text): ...


class EmailChannel(Channel):
    name = "email"

    def _push(self, message_id, address, text):
        message = EmailMessage()
        message["To"] = address
        message["Message-ID"] = message_id
        message.set_content(text)
        with smtplib.SMTP("localhost", 25) as server:  # expect: DUR121
            server.send_message(message)  # expect: DUR121


class SmsChannel(Channel):
    name = "sms"

    def message_id(self):
        return f"sms-{secrets.token_hex(6)}"  # expect: DUR111

    def _push(self, message_id, address, text):
        for attempt in range(3):
            reply = requests.post("https://sms.example/send", json={"to": address, "text": text[:160]})  # expect: DUR121
            if reply.ok:
                return
            logger.warning("sms attempt {}", attempt)  # expect: DUR143
            time.sleep(2**attempt)  # expect: DUR102


class PushChannel(Channel):
    name = "push"

    def message_id(self):
        return f"push-{da.uuid4()}"

    def _push(self, message_id, address, text):
        da.send_event(f"device-{address}", "push", {"id": message_id, "text": text})


CHANNELS: dict[str, Channel] = {c.name: c for c in (EmailChannel(), SmsChannel(), PushChannel())}


@da.activity(retry=da.RetryPolicy(max_attempts=8))
def deliver(channel: str, address: str, text: str) -> str:
    return CHANNELS[channel].send(address, text)
