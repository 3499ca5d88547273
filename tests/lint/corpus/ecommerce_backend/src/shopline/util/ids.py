"""Order references."""

import secrets
import uuid

__all__ = ["order_reference", "stable_reference"]

_NAMESPACE = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def order_reference(prefix: str) -> str:
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(6))  # expect: DUR111
    return f"{prefix}-{tail}"


def stable_reference(order_id: str) -> str:
    return uuid.uuid5(_NAMESPACE, order_id).hex


def session_token() -> str:
    return secrets.token_urlsafe(32)
