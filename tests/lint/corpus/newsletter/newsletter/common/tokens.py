from __future__ import annotations

import base64
import hmac
import secrets
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

KEY = b"rotate-me-in-the-vault"
DEPLOYMENT = uuid.uuid4().hex
PIXEL_BASE = "https://px.letters.example"


def _sign(text: str) -> str:
    return base64.urlsafe_b64encode(hmac.digest(KEY, text.encode(), "sha256"))[:16].decode()


def unsubscribe_link(address: str, list_id: str) -> str:
    query = urlencode({"a": address, "l": list_id, "s": _sign(f"{address}|{list_id}")})
    return f"https://letters.example/out?{query}"


def make_token(size: int = 16) -> str:
    return secrets.token_urlsafe(size)  # expect: DUR111


def tracking_pixel(campaign: str) -> str:
    return f"{PIXEL_BASE}/{campaign}/{DEPLOYMENT}.gif"  # expect: DUR112


@dataclass(frozen=True)
class Confirmation:
    address: str
    token: str

    @classmethod
    def fresh(cls, address: str) -> Confirmation:
        return cls(address, make_token())

    def matches(self, token: str) -> bool:
        return hmac.compare_digest(self.token, token)
