"""Badge numbers."""

from __future__ import annotations

import uuid
import uuid as ids
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid5
from uuid import uuid4 as fresh

import attrs
import shortuuid
import uuid_utils

NAMESPACE = UUID("12345678123456781234567812345678")
BUILD = uuid.uuid4().hex
make = ids.uuid1


@dataclass
class Badge:
    owner: str
    number: UUID = field(default_factory=fresh)  # expect: DUR112


@attrs.define
class Pass:
    owner: str
    number: UUID = attrs.field(factory=uuid.uuid4)  # expect: DUR112


@dataclass
class Draft:
    number: UUID = field(default_factory=uuid.uuid4)


def several(count: int) -> list[str]:
    return [str(fresh()) for _ in range(count)]  # expect: DUR112


def aliased() -> str:
    return str(make())  # expect: DUR112


def short() -> str:
    return shortuuid.uuid()  # expect: DUR112


def fast() -> str:
    return str(uuid_utils.uuid7())  # expect: DUR112


def machine() -> str:
    return hex(ids.getnode())  # expect: DUR112


def with_prefix(prefix: str, maker: Callable[[], UUID]) -> str:
    return prefix + maker().hex


def stable(owner: str) -> str:
    return uuid5(NAMESPACE, owner).hex + uuid.uuid3(NAMESPACE, owner).hex + BUILD  # expect: DUR112


def parsed(text: str) -> int:
    return UUID(text).int


def drafts() -> list[Draft]:
    return [Draft() for _ in range(3)]
