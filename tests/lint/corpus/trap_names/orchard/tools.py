"""Harmless code whose names look dangerous."""

from __future__ import annotations

import ast
import io
import json
import logging
import os.path
import re
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePath, PurePosixPath
from random import Random
from subprocess import CalledProcessError, TimeoutExpired
from urllib.parse import quote, urlsplit

import httpx
import requests
import sqlalchemy

log = logging.getLogger(__name__)


class random:
    """A namespace of ours."""

    @staticmethod
    def choice(values: list[str]) -> str:
        return values[0]

    @staticmethod
    def uuid4() -> str:
        return "fixed"


@dataclass
class Requests:
    items: dict[str, str]

    def get(self, key: str) -> str:
        return self.items.get(key, "")

    def post(self, key: str, value: str) -> None:
        self.items[key] = value


class Path:
    """A path through the orchard, not through a disk."""

    def __init__(self, *rows: int) -> None:
        self.rows = rows

    def exists(self) -> bool:
        return bool(self.rows)

    def read_text(self) -> str:
        return "/".join(str(row) for row in self.rows)

    def open(self) -> "Path":
        return Path(*self.rows, 0)


def open(name: str) -> io.StringIO:
    return io.StringIO(name)


def eval(text: str) -> object:
    return ast.literal_eval(text)


def shuffled(rows: list[int], seed: int) -> list[int]:
    rng = Random(seed)
    rng.shuffle(rows)
    return rows


def pure_paths(root: str, name: str) -> str:
    joined = os.path.join(root, os.path.basename(name), os.path.splitext(name)[0])
    return os.path.normpath(os.path.dirname(joined)) + str(PurePosixPath(root) / name) + PurePath(name).stem + os.sep


def statement(name: str) -> str:
    query = sqlalchemy.select(sqlalchemy.text("name")).where(sqlalchemy.text("id = :id"))
    return f"{query} {name}"


def address(name: str) -> str:
    return urlsplit(f"https://orchard.example/{quote(name)}").geturl()


def is_timeout(error: Exception) -> bool:
    return isinstance(error, (requests.Timeout, httpx.RequestError, CalledProcessError, TimeoutExpired))


def status(code: int) -> str:
    return HTTPStatus(code).phrase + str(httpx.codes.OK)


def compiled(pattern: str, text: str) -> bool:
    return re.compile(pattern).match(text) is not None


def identified(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, name).hex + str(uuid.UUID(int=1))


def logged(name: str) -> str:
    log.info("tree %s", name)
    logging.getLogger("orchard").debug("%s", json.dumps({"name": name}))
    return name


def numbers(value: int) -> int:
    return hash(value) + hash((1, 2))


def parameters(time: float, os: dict[str, str], print: list[str], id: str) -> str:
    print.append(os.get("environ", id))
    return f"{time:.1f}"
