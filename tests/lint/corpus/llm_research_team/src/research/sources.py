"""Where researchers look."""

from __future__ import annotations

import os
import os.path
import socket
import urllib.request
from pathlib import Path, PurePosixPath
from urllib.error import URLError

import durable_async as da

CATALOG_FILE = Path(__file__).with_name("catalog.txt")


class SourceCatalog:
    def __init__(self, path: Path = CATALOG_FILE) -> None:
        self.path = path
        self._roots: list[str] | None = None

    def roots(self) -> list[str]:
        if self._roots is None:
            if not self.path.exists():  # expect: DUR122
                self._roots = ["https://example.org/index"]
            else:
                lines = self.path.read_text().splitlines()  # expect: DUR122
                self._roots = [line.strip() for line in lines if line]
        return self._roots

    async def annotate(self, finding: str) -> str:
        name = PurePosixPath(finding).name
        text = await summarise(finding)
        return f"[{os.path.splitext(name)[0]}] {text} {self._origin(finding)}"

    def _origin(self, finding: str) -> str:
        host = finding.split("/")[2]
        try:
            return socket.gethostbyname(host)  # expect: DUR121
        except socket.gaierror:
            return host

    def refresh(self) -> None:
        with urllib.request.urlopen("https://example.org/catalog") as reply:
            self.path.write_bytes(reply.read())


@da.activity
async def search_index(topic: str, roots: list[str]) -> list[str]:
    import aiohttp

    found: list[str] = []
    async with aiohttp.ClientSession() as session:
        for root in roots:
            async with session.get(root, params={"q": topic}) as reply:
                found += await reply.json()
    return found


@da.activity
def summarise(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=float(os.environ.get("READ_TIMEOUT", "20"))) as reply:
            return reply.read(2_000).decode(errors="replace")
    except URLError as error:
        return f"unreachable: {error.reason}"
