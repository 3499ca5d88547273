"""Stages that place an article on a page."""

from __future__ import annotations

import operator
from functools import reduce
from pathlib import Path

from press.copy import Article

COLUMNS = {"front": 6, "sport": 5, "city": 4}
taken_slots: set[tuple[str, int]] = set()
FONT_DIR = Path("/usr/share/fonts/press")


def choose_slot(article: Article) -> Article:
    for column in range(COLUMNS.get(article.section, 4)):
        slot = (article.section, column)
        if slot not in taken_slots:  # expect: DUR141
            taken_slots.add(slot)  # expect: DUR141
            article.tags["slot"] = f"{slot[0]}-{slot[1]}"
            return article
    raise LookupError(article.section)


def fit_headline(article: Article) -> Article:
    metrics = FONT_DIR / "headline.afm"
    if metrics.with_suffix(".bold").is_file():  # expect: DUR122
        article.tags["font"] = metrics.stem
    widths = [ord(letter) % 7 + 3 for letter in article.headline]
    article.tags["width"] = str(reduce(operator.add, widths, 0))
    return article


def place_advert(article: Article, kind: str) -> Article:
    candidates = {f"{kind}-{tag}" for tag in article.tags}
    article.tags["advert"] = [*candidates][0]  # expect: DUR134
    article.tags["advert-count"] = str(len(candidates))
    return article


def measure(article: Article) -> Article:
    rulers = [path.name for path in FONT_DIR.glob("*.afm")]  # expect: DUR122
    article.tags["rulers"] = str(len(rulers))
    article.tags["key"] = str(id(article))  # expect: DUR125
    return article


def clear_page(section: str) -> None:
    """Pressed by the layout editor after the deadline."""
    taken_slots.difference_update({slot for slot in taken_slots if slot[0] == section})
