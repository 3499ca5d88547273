"""Change logs and slugs."""

from __future__ import annotations

import re
import string
import textwrap
from collections.abc import Iterable
from typing import Final

UNSAFE: Final = re.compile(r"[^a-z0-9]+")
HEADINGS: Final = {"feat": "Features", "fix": "Fixes", "docs": "Documentation"}
ENTRY = string.Template("* $title ($sha)")


def slugify(title: str) -> str:
    return UNSAFE.sub("-", title.lower()).strip("-")


def kind_of(subject: str) -> str:
    kind, _, rest = subject.partition(":")
    return kind if rest and kind in HEADINGS else "other"


def changelog(commits: Iterable[tuple[str, str]]) -> str:
    groups: dict[str, list[str]] = {}
    for sha, subject in commits:
        entry = ENTRY.substitute(title=subject.partition(":")[2].strip() or subject, sha=sha[:10])
        groups.setdefault(kind_of(subject), []).append(entry)
    blocks = []
    for kind in sorted(set(groups)):
        blocks.append(f"## {HEADINGS.get(kind, 'Other')}")
        blocks.extend(textwrap.fill(line, 100) for line in groups[kind])
    return "\n".join(blocks)


def authors(commits: list[dict[str, str]]) -> list[str]:
    names = {commit["author"] for commit in commits}
    names.discard("release-bot")
    ordered = list(names)
    ordered.sort()
    return ordered
