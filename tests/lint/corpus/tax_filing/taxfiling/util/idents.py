import hashlib
import secrets
import uuid

from taxfiling.util import dates

NAMESPACE = uuid.UUID("8f1e9a52-6b0a-4d2e-9a35-2b0f6f0d6d11")


def submission_ref(tin, year):
    return "-".join([str(year), dates.stamp(), check(tin), nonce(), stable(tin)])


def check(tin):
    return hashlib.sha256(tin.encode()).hexdigest()[:4]


def nonce():
    return secrets.token_hex(4)  # expect: DUR111


def stable(tin):
    return str(uuid.uuid5(NAMESPACE, tin))


def session_key():
    return secrets.token_urlsafe(32)
