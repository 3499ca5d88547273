"""An article on its way through the newsroom."""

from __future__ import annotations

import dataclasses
import re
import textwrap
from datetime import date, datetime

SLUG = re.compile(r"[^a-z0-9]+")


@dataclasses.dataclass
class Article:
    headline: str
    body: str
    section: str
    authors: set[str] = dataclasses.field(default_factory=set)
    trail: list[str] = dataclasses.field(default_factory=list)
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    published: datetime | None = None

    @property
    def slug(self) -> str:
        return SLUG.sub("-", self.headline.lower()).strip("-")

    @property
    def byline(self) -> str:
        return " and ".join(self.authors)  # expect: DUR134

    @property
    def index_line(self) -> str:
        return f"{', '.join(sorted(self.authors))}: {self.headline}"

    def teaser(self, width: int = 70) -> str:
        return textwrap.shorten(self.body, width)

    def words(self) -> int:
        return len(self.body.split())

    def edition(self, day: date) -> str:
        return f"{self.section}/{day:%Y-%m-%d}/{self.slug}"

    @property
    def shard(self) -> int:
        return hash(self.slug) % 16  # expect: DUR125

    def fingerprint(self) -> int:
        return hash((self.words(), 7))
