"""SMS by Twilio."""

import re
from concurrent.futures import ThreadPoolExecutor

import sentry_sdk
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

import durable_async as da

from notify.config import get_settings

from .base import Channel

_DIGITS = re.compile(r"\D+")


def make_client() -> Client:
    settings = get_settings()
    return Client(settings.twilio_sid, settings.twilio_token)


@da.activity
def send_sms(number: str, text: str) -> str:
    with sentry_sdk.start_span(op="sms"):
        try:
            return make_client().messages.create(to=number, from_="+4930", body=text).sid
        except TwilioRestException as error:
            sentry_sdk.capture_exception(error)
            raise


class SmsChannel(Channel):
    name = "sms"

    async def deliver(self, user: str, subject: str, body: str) -> str:
        number = await number_of(user)
        if len(body) > 480:
            client = make_client()
            message = client.messages.create(to=number, body=body, from_="+4930")  # expect: DUR121
            return str(message.sid)
        return await send_sms(number, f"{subject}\n{body}")


async def number_of(user: str) -> str:
    raw = await look_up_number(user)
    return "+" + _DIGITS.sub("", raw)


@da.activity
async def look_up_number(user: str) -> str:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: f"+49 30 {len(user)}").result()


def bulk(numbers: list[str], text: str) -> None:
    """The on-call script."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda n: send_sms.fn(n, text), set(numbers)))
