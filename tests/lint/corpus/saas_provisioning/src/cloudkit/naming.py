"""Names of things."""

import re
import uuid
from random import SystemRandom
from string import ascii_lowercase

import ulid
from bson import ObjectId
from nanoid import generate

_UNSAFE = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    return _UNSAFE.sub("-", text.lower()).strip("-")


def unique_name(prefix: str) -> str:
    return f"{slug(prefix)}-{uuid.uuid1().hex[:8]}"  # expect: DUR112


def short_name() -> str:
    return generate(size=8)  # expect: DUR112


def document_id() -> str:
    return str(ObjectId())  # expect: DUR112


def known_document(text: str) -> uuid.UUID:
    return uuid.UUID(text)


def sortable_id() -> str:
    return str(ulid.new())  # expect: DUR112


def hardware_suffix() -> str:
    return f"{uuid.getnode():x}"  # expect: DUR112


def password(length: int) -> str:
    return "".join(SystemRandom().choice(ascii_lowercase) for _ in range(length))  # expect: DUR111


def derived_name(tenant: str) -> str:
    return uuid.uuid3(uuid.NAMESPACE_DNS, tenant).hex
