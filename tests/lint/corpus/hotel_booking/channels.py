"""Adapters for the sales channels."""

import base64
import hashlib
import json
import os
import secrets
import urllib.request
from datetime import date

import durable_async as da
import httpx


class ChannelError(Exception):
    pass


class ChannelManager:
    """Room inventory at the channel manager's API."""

    def __init__(self, base_url: str, token: str | None = None) -> None:
        self._http = httpx.AsyncClient(base_url=base_url)
        self._token = token or os.environ["CHANNEL_TOKEN"]

    @da.activity(retry=da.RetryPolicy(max_attempts=4, non_retryable=(ChannelError,)))
    async def hold(self, room: str, night: date) -> str:
        nonce = secrets.token_hex(8)
        answer = await self._http.post("/holds", json={"room": room, "night": str(night), "nonce": nonce})
        if answer.status_code == 409:
            raise ChannelError(room)
        return answer.json()["hold"]

    @da.activity
    async def release(self, hold: str) -> None:
        await self._http.delete(f"/holds/{hold}")

    @da.activity
    def rates(self, room: str) -> dict[str, int]:
        with urllib.request.urlopen(f"https://rates.example/{room}") as answer:
            return json.load(answer)


def confirmation(room: str, guest: str) -> str:
    """Short, readable over the telephone."""
    digest = hashlib.blake2b(f"{room}/{guest}".encode(), digest_size=5).digest()
    return base64.b32encode(digest).decode().rstrip("=")
