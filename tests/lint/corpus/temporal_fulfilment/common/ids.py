"""Identifiers, as printed on the boxes."""

import itertools
import secrets
import string
from functools import lru_cache
from uuid import NAMESPACE_URL, uuid1, uuid5

ALPHABET = string.ascii_uppercase + string.digits
_serial = itertools.count(1)


def order_key(shop: str, number: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"https://{shop}/orders/{number}"))


def tracking_number(carrier: str) -> str:
    return f"{carrier.upper()}{uuid1().hex[:12]}"  # expect: DUR112


def label_code(length: int = 8) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))  # expect: DUR111


def api_token() -> str:
    return secrets.token_urlsafe(24)


@lru_cache(maxsize=1024)  # expect: DUR141
def check_digit(code: str) -> int:
    return sum((3 if i % 2 else 1) * ALPHABET.index(c) for i, c in enumerate(code)) % 36


@lru_cache
def carrier_prefixes() -> dict[str, str]:
    with open("/etc/fulfilment/carriers.txt") as lines:
        return dict(line.split() for line in lines)
