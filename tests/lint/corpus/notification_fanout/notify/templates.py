"""Rendering; the same input gives the same text."""

from __future__ import annotations

import string
import time
from collections.abc import Mapping, Set
from types import MappingProxyType

TEMPLATES: Mapping[str, str] = MappingProxyType(
    {
        "outage": "Service $service is down since $since.",
        "resolved": "Service $service is back.",
        "digest": "$count messages: $topics",
    }
)
FALLBACK = "default"


class Renderer:
    def __init__(self, templates: Mapping[str, str] = TEMPLATES) -> None:
        self._templates = templates
        self._cache: dict[str, string.Template] = {}

    def render(self, kind: str, values: Mapping[str, object]) -> str:
        template = self._cache.get(kind)
        if template is None:
            template = self._cache[kind] = string.Template(self._templates[kind])
        return template.safe_substitute(values)

    def digest(self, topics: Set[str]) -> str:
        listed = ", ".join(sorted(topics, key=str.casefold))
        return self.render("digest", {"count": len(topics), "topics": listed})

    @staticmethod
    def clock(moment: float) -> str:
        return time.strftime("%H:%M", time.gmtime(moment))
