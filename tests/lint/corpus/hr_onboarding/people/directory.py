"""Account names, passwords and group lists."""

import functools
import getpass
import hashlib
import secrets
import string
import sys
from collections.abc import Iterable
from functools import cached_property, singledispatch
from pathlib import Path

import ldap3

ALPHABET = string.ascii_lowercase + string.digits
_taken: set[str] = set()


class AccountName:
    def __init__(self, full_name, suffix=""):
        self.full_name = full_name
        self.suffix = suffix

    @cached_property
    def value(self) -> str:
        first, *rest = self.full_name.lower().split()
        candidate = f"{first[0]}{''.join(rest)}{self.suffix}"
        if candidate in _taken:  # expect: DUR141
            candidate += secrets.choice(string.digits)  # expect: DUR111
        _taken.add(candidate)  # expect: DUR141
        return candidate

    @staticmethod
    def initial_password(length: int = 16) -> str:
        return "".join(secrets.choice(ALPHABET) for _ in range(length))  # expect: DUR111

    @classmethod
    def for_host(cls, full_name: str) -> "AccountName":
        return cls(full_name, suffix=f"-{getpass.getuser()}")  # expect: DUR125

    @property
    def gravatar(self) -> str:
        return hashlib.md5(self.value.encode(), usedforsecurity=False).hexdigest()


@singledispatch
def describe(thing: object) -> str:
    return repr(thing)


@describe.register
def _(thing: set) -> str:
    return ", ".join(thing)  # expect: DUR134


@describe.register
def _(thing: Path) -> str:
    return f"{thing.name}: {thing.stat().st_size}"  # expect: DUR122


def search(query: str):
    server = ldap3.Server("ldaps://directory.example")
    with ldap3.Connection(server, auto_bind=True) as connection:
        connection.search("dc=example", query)
        return [entry.entry_dn for entry in connection.entries]


def normalise(groups: Iterable[str], *, prefix: str = "grp") -> list[str]:
    return sorted({f"{prefix}-{group.strip().lower()}" for group in groups})


first_group = functools.partial(min, default="grp-everyone")
is_frozen = getattr(sys, "frozen", False)
