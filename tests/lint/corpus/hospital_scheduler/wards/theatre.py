"""Theatres: protocols, and the adapters behind them."""

from __future__ import annotations

import smtplib
import sqlite3
from typing import Protocol, runtime_checkable

import requests

from .people import Patient


@runtime_checkable
class TheatreDirectory(Protocol):
    def free(self, day: str) -> list[str]: ...


class BaseDirectory:
    site = "main"

    def free(self, day: str) -> list[str]:
        raise NotImplementedError

    def first(self, day: str) -> str | None:
        found = self.free(day)
        return found[0] if found else None


class DatabaseDirectory(BaseDirectory):
    def __init__(self, path: str) -> None:
        self._path = path

    def free(self, day: str) -> list[str]:
        rows = sqlite3.connect(self._path).execute("select id from theatres where day = ?", (day,))  # expect: DUR121
        return [row[0] for row in rows]


class HttpDirectory(BaseDirectory):
    def __init__(self, base: str, session: requests.Session | None = None) -> None:
        self._base = base
        self._session = session or requests.Session()

    def free(self, day: str) -> list[str]:
        answer = self._session.get(f"{self._base}/theatres", params={"day": day})  # expect: DUR121
        return [item["id"] for item in answer.json()]


class StaticDirectory(BaseDirectory):
    def __init__(self, rooms: list[str]) -> None:
        self._rooms = rooms

    def free(self, day: str) -> list[str]:
        return [room for room in self._rooms if not room.endswith(day)]


class LegacyDirectory:
    """Kept for the old planner, which runs as its own program."""

    def free(self, day: str) -> list[str]:
        return requests.get("http://planner/free", timeout=5).json()


def directory_for(site: str) -> BaseDirectory:
    if site == "north":
        return HttpDirectory("https://north.example")
    if site == "south":
        return DatabaseDirectory("south.db")
    return StaticDirectory(["1", "2"])


def mail_family(patient: Patient, text: str) -> None:
    with smtplib.SMTP("mail.internal") as server:  # expect: DUR121
        server.sendmail("ward@hospital.example", [f"{patient.number}@example"], text)  # expect: DUR121
