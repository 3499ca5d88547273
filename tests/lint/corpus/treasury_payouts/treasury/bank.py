"""The bank's side: channels, certificates, and a little crypto."""

import asyncio
import hmac
import importlib
import os
import runpy
import secrets
import socket
import urllib.request
from pathlib import Path

import boto3
import durable_async as da

from .settings import BankSettings

__all__ = ["pick_channel", "submit"]


class Channel:
    name = "sepa"

    def __init__(self) -> None:
        self.settings = BankSettings()  # expect: DUR124

    @property
    def url(self) -> str:
        return f"https://{self.settings.host}:{self.settings.port}/{self.name}"

    def sign(self, text: str) -> str:
        return hmac.new(self.key, text.encode(), "sha256").hexdigest()

    @property
    def key(self) -> bytes:
        return Path("/etc/bank/key.pem").read_bytes()  # expect: DUR122


class Instant(Channel):
    name = "instant"

    def sign(self, text: str) -> str:
        salt = os.urandom(8).hex()  # expect: DUR111
        return super().sign(salt + text)


class Swift(Channel):
    name = "swift"

    @property
    def key(self) -> bytes:
        secret = boto3.client("secretsmanager").get_secret_value(SecretId="swift")  # expect: DUR121
        return secret["SecretBinary"]


def pick_channel(cents: int) -> Channel:
    if cents < 100:
        plugin = importlib.import_module("treasury_plugins.micro")  # expect: DUR142
        return plugin.channel()
    return Instant() if cents < 1_000_000 else Swift()


async def submit(channel: Channel, reference: str) -> bool:
    request = urllib.request.Request(channel.url, headers={"Signature": channel.sign(reference)})
    response = urllib.request.urlopen(request)  # expect: DUR121
    if response.status == 202:
        await asyncio.sleep(1)
    return response.status < 300


def self_test(script: str) -> dict[str, object]:
    socket.create_connection(("bank.example", 8443)).close()
    return runpy.run_path(script, {"nonce": secrets.token_bytes(8)})


@da.activity
async def rotate_keys() -> str:
    key = secrets.token_bytes(32)
    Path("/etc/bank/key.pem").write_bytes(key)
    return key.hex()[:8]
