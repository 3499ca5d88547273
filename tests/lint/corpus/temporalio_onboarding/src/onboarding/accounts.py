"""Naming and grouping of accounts."""

from __future__ import annotations

import importlib
import re
import secrets
import string
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timezone
from uuid import NAMESPACE_DNS, UUID, uuid5

import aiohttp
from sqlalchemy.ext.asyncio import AsyncSession

ALPHABET = string.ascii_letters + string.digits
_taken: dict[str, int] = {}


@dataclass
class Employee:
    first: str
    last: str
    team: str
    roles: frozenset[str] = frozenset()
    invited: datetime = field(default_factory=lambda: datetime.now(timezone.utc))  # expect: DUR101

    @property
    def stable_id(self) -> UUID:
        return uuid5(NAMESPACE_DNS, f"{self.first}.{self.last}")


def login(employee: Employee) -> str:
    plain = unicodedata.normalize("NFKD", f"{employee.first}.{employee.last}")
    base = re.sub(r"[^a-z.]", "", plain.lower())
    count = _taken.get(base, 0)  # expect: DUR141
    _taken[base] = count + 1  # expect: DUR141
    return f"{base}{count or ''}"


def initial_password(length: int = 16) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))  # expect: DUR111


def role_mail(employee: Employee) -> str:
    return "\n".join(f"- {role}" for role in employee.roles)  # expect: DUR134


def directory_plugin(team: str) -> object:
    return importlib.import_module(f"onboarding.directories.{team}")  # expect: DUR142


class Directory:
    def __init__(self, session: AsyncSession, http: aiohttp.ClientSession) -> None:
        self.session = session
        self.http = http

    async def exists(self, name: str) -> bool:
        row = await self.session.execute("select 1 from people where login = :name", {"name": name})
        return row.first() is not None

    async def photo(self, name: str) -> bytes:
        async with self.http.get(f"https://faces.local/{name}") as reply:
            return await reply.read()


def referral(first: str, last: str, team: str) -> Employee:
    return Employee(first, last, team)
