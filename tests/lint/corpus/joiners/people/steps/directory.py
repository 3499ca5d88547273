from __future__ import annotations

import ldap3

import durable_async as da


class Directory:
    def __init__(self, host: str = "ldap.example.org") -> None:
        self.connection = ldap3.Connection(host, auto_bind=True)

    def search(self, name: str) -> list[str]:
        self.connection.search("dc=example,dc=org", f"(uid={name})", attributes=["memberOf"])
        return [entry.entry_dn for entry in self.connection.entries]


@da.activity
def create_account(name: str, groups: list[str]) -> str:
    Directory().connection.add(f"uid={name}", "inetOrgPerson")
    return f"uid={name}"


@da.activity
def disable_account(name: str) -> None:
    Directory().connection.delete(f"uid={name}")


@da.activity
def groups_of(name: str) -> set[str]:
    return set(Directory().search(name))
