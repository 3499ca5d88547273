import secrets
import socket
import uuid

_NAMESPACE = uuid.NAMESPACE_DNS
NODE = socket.gethostname()


def contract_number(desk):
    year = uuid.uuid1().time >> 50  # expect: DUR112
    return f"{desk}-{year}-{secrets.randbelow(10_000):04d}-{_digest(desk)}"  # expect: DUR111


def _digest(desk):
    return uuid.uuid3(_NAMESPACE, desk).hex[:4]


def api_key():
    return secrets.token_bytes(16)
