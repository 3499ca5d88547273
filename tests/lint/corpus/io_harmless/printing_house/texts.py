"""Works in memory: looks like I/O, is none."""

from __future__ import annotations

import base64
import configparser
import csv
import io
import ipaddress
import json
import os
import os.path as osp
import shlex
import socket
import sqlite3
import string
import tomllib
import urllib.error
import zipfile
import zlib
from email.message import EmailMessage
from http.client import responses
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import parse_qs, urlencode, urljoin

import aiohttp
import httpx
import psycopg
import redis.exceptions
import requests


def table(rows: list[list[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


def packed(pages: list[str]) -> bytes:
    return zlib.compress(base64.b64encode("".join(pages).encode()))


def members(blob: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(blob)).namelist()


def place(root: str, name: str) -> str:
    path = Path(root) / "pages" / name
    other = PurePosixPath(root).with_suffix(".pdf").relative_to("/")
    return f"{path.stem}{path.parent.name}{path.suffix}{path.with_name('x').as_posix()}{other}{PureWindowsPath(name).drive}"


def joined(parts: list[str]) -> str:
    return osp.normpath(osp.join(*parts)) + osp.splitext(parts[0])[1] + osp.dirname(parts[0]) + os.sep


def link(base: str, query: dict[str, str]) -> str:
    return urljoin(base, "?" + urlencode(query)) + str(parse_qs("a=1")) + str(httpx.URL(base))


def configured(text: str) -> dict[str, str]:
    parser = configparser.ConfigParser()
    parser.read_string(text)
    return {**parser["main"], **tomllib.loads("a = 'b'")}


def is_transient(error: Exception) -> bool:
    known = (requests.ConnectionError, httpx.TimeoutException, aiohttp.ClientError, urllib.error.URLError, socket.timeout)
    return isinstance(error, known) or isinstance(error, (redis.exceptions.RedisError, psycopg.Error, sqlite3.Error, OSError))


def mail(to: str, text: str) -> str:
    message = EmailMessage()
    message["To"] = to
    message.set_content(text)
    return message.as_string()


def command(arguments: list[str]) -> str:
    return shlex.join(arguments) + responses[200] + string.Template("$a").substitute(a="b")


def private(address: str) -> bool:
    return ipaddress.ip_address(address).is_private and socket.AF_INET is not None


def parsed(text: str) -> object:
    return json.load(io.StringIO(text))
