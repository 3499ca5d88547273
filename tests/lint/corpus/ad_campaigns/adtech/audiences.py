"""Audiences are sets of user ids with algebra on them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator


class Audience:
    def __init__(self, users: Iterable[str] = (), name: str = "") -> None:
        self._users = frozenset(users)
        self.name = name

    def __or__(self, other: Audience) -> Audience:
        return Audience(self._users | other._users, f"{self.name}+{other.name}")

    def __sub__(self, other: Audience) -> Audience:
        return Audience(self._users - other._users, self.name)

    def __len__(self) -> int:
        return len(self._users)

    def __contains__(self, user: str) -> bool:
        return user in self._users

    def __iter__(self) -> Iterator[str]:
        return iter(self._users)  # expect: DUR134

    def ordered(self) -> list[str]:
        users = list(self._users)
        users.sort()
        return users

    def split(self, buckets: int) -> dict[int, set[str]]:
        result: dict[int, set[str]] = {n: set() for n in range(buckets)}
        for user in self._users:
            digest = hashlib.md5(user.encode(), usedforsecurity=False).digest()
            result[digest[0] % buckets].add(user)
        return result

    def any_user(self) -> str:
        rest = set(self._users)
        return rest.pop()  # expect: DUR134

    def longest(self) -> int:
        return max((len(user) for user in self._users), default=0)

    def digest(self) -> str:
        return hashlib.sha256("".join(sorted(self._users)).encode()).hexdigest()

    def preview(self) -> list[str]:
        """For the dashboard."""
        return list(self._users)[:10]
