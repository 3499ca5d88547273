"""Channels by name; `channel_for` makes the one a recipient prefers."""

from .base import Channel, Delivery
from .mail import MailChannel
from .sms import SmsChannel

CHANNELS: dict[str, type[Channel]] = {"mail": MailChannel, "sms": SmsChannel}


def channel_for(name: str) -> Channel:
    return CHANNELS.get(name, MailChannel)()


__all__ = ["CHANNELS", "Channel", "Delivery", "MailChannel", "SmsChannel", "channel_for"]
