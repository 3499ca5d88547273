"""URL hygiene: pure functions only."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from functools import partial
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

TRACKING = frozenset({"utm_source", "utm_medium", "gclid", "fbclid"})
HREF = re.compile(r'href="([^"#]+)', re.IGNORECASE)


def normalise(url: str) -> str:
    parts = urlsplit(url)
    query = urlencode(sorted((k, v) for k, v in parse_qsl(parts.query) if k not in TRACKING))
    path = posixpath.normpath(parts.path or "/")
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, query, ""))


def links(base: str, html: str) -> list[str]:
    join = partial(urljoin, base)
    return sorted({normalise(join(href)) for href in HREF.findall(html)})


def same_site(url: str, site: str) -> bool:
    return urlsplit(url).hostname == site


def unique(urls: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(urls))


def rules(text: str) -> RobotFileParser:
    parser = RobotFileParser()
    parser.parse(text.splitlines())
    return parser


def extension(url: str) -> str:
    return posixpath.splitext(urlsplit(url).path)[1]
