from __future__ import annotations

import enum
import fnmatch
import glob
import hashlib
import itertools
import platform
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


class Source(enum.Enum):
    MAIL = "mail"
    CHAT = "chat"
    DISK = "disk"


@dataclass
class Custodian:
    name: str
    sources: set[Source] = field(default_factory=lambda: {Source.MAIL})
    acknowledged: bool = False

    def wanted(self) -> Iterator[Source]:
        return iter(self.sources)  # expect: DUR134

    def stable(self) -> list[Source]:
        return sorted(self.sources, key=lambda source: source.value)

    def disk_paths(self) -> list[str]:
        return glob.glob(f"/home/{self.name}/**")  # expect: DUR122

    def matching(self, paths: Iterable[str]) -> list[str]:
        return fnmatch.filter(list(paths), f"*/{self.name}/*")


class Roster:
    """Whom a matter concerns; a later roster adds to an earlier one."""

    _instances: dict[str, "Roster"] = {}

    def __init__(self, matter: str, people: list[Custodian], extra: list[str] = []) -> None:
        self.matter = matter
        self.people = {person.name: person for person in people}
        extra.append(matter)  # expect: DUR141
        self.extra = extra

    @classmethod
    def of(cls, matter: str, people: list[Custodian]) -> Roster:
        if matter not in cls._instances:  # expect: DUR141
            cls._instances[matter] = cls(matter, people)  # expect: DUR141
        return cls._instances[matter]  # expect: DUR141

    def __getitem__(self, name: str) -> Custodian:
        return self.people[name]

    def __iter__(self) -> Iterator[Custodian]:
        return iter(self.people.values())

    def __contains__(self, name: str) -> bool:
        return name in self.people

    def tally(self) -> Counter[str]:
        return Counter(source.value for person in self for source in person.stable())

    def by_source(self) -> dict[Source, list[str]]:
        found: dict[Source, list[str]] = defaultdict(list)
        for person in self:
            for source in person.stable():
                found[source].append(person.name)
        return found


def fingerprint(names: Iterable[str]) -> str:
    digest = hashlib.sha1()
    for name in frozenset(names):  # expect: DUR134
        digest.update(name.encode())
    return digest.hexdigest()


def stamp() -> str:
    return f"{platform.system()}-{time.time_ns()}"  # expect: DUR125, DUR101


def wait_quietly(lock: threading.Lock, seconds: float) -> bool:
    return lock.acquire(timeout=seconds)


def pairs(names: list[str]) -> list[tuple[str, str]]:
    return list(itertools.combinations(sorted(set(names)), 2))
