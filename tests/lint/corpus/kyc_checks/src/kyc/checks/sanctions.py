from __future__ import annotations

import csv
import difflib
import importlib
import io
import pickle
from collections.abc import Iterable, Iterator
from typing import ClassVar

import durable_async as da
from kyc.models import Application, Finding, Risk

from .rules import normalized

THRESHOLD = 0.92


class SanctionList:
    """Names of persons that we may not serve."""

    loaded: ClassVar[dict[str, SanctionList]] = {}

    def __init__(self, names: Iterable[str]) -> None:
        self.names = {normalized(name) for name in names}

    @classmethod
    def parse(cls, text: str) -> SanctionList:
        return cls(row["name"] for row in csv.DictReader(io.StringIO(text)))

    @classmethod
    def unpickle(cls, blob: bytes) -> SanctionList:
        return cls(pickle.loads(blob))  # expect: DUR142

    @classmethod
    def shared(cls, region: str, text: str) -> SanctionList:
        if region not in cls.loaded:  # expect: DUR141
            cls.loaded[region] = cls.parse(text)  # expect: DUR141
        return cls.loaded[region]  # expect: DUR141

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and normalized(name) in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)  # expect: DUR134

    def __len__(self) -> int:
        return len(self.names)

    def closest(self, name: str) -> str | None:
        matches = difflib.get_close_matches(normalized(name), sorted(self.names), n=1, cutoff=THRESHOLD)
        return matches[0] if matches else None


@da.activity(retry=da.RetryPolicy(max_attempts=10))
def download_list(region: str) -> str:
    http = importlib.import_module("requests")
    return http.get(f"https://sanctions.example.org/{region}.csv", timeout=30).text


@da.activity
def download_blob(region: str) -> bytes:
    with open(f"/srv/sanctions/{region}.pickle", "rb") as source:
        return source.read()


async def screen(application: Application, region: str) -> Finding:
    listed = SanctionList.shared(region, await download_list(region))
    if application.name in listed:
        return Finding(check="sanctions", risk=Risk.HIGH, detail="exact")
    if (near := listed.closest(application.name)) is not None:
        return Finding(check="sanctions", risk=Risk.MEDIUM, detail=near)
    return Finding(check="sanctions", risk=Risk.LOW, detail=f"{len(listed)} names")


async def screen_offline(application: Application, region: str) -> list[str]:
    listed = SanctionList.unpickle(await download_blob(region))
    initials = application.initials.lower()
    return [name for name in listed if name.startswith(initials[0])]
