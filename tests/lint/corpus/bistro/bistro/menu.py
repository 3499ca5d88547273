from __future__ import annotations

import enum
import json
import os.path
from functools import cache, lru_cache, partial
from pathlib import Path, PurePosixPath

HERE = Path(__file__).parent
DEFAULT_MENU = json.loads((HERE / "menu.json").read_text()) if (HERE / "menu.json").exists() else {}
_overrides: dict[str, int] = {}


class Course(enum.Enum):
    STARTER = "starter"
    MAIN = "main"
    DESSERT = "dessert"

    @property
    def station(self) -> str:
        match self:
            case Course.STARTER:
                return "cold"
            case Course.MAIN:
                return "grill"
            case _:
                return "pastry"

    def card(self) -> str:
        with open(f"/srv/cards/{self.value}.txt", encoding="utf-8") as handle:  # expect: DUR122
            return handle.read()

    def image(self) -> str:
        return str(PurePosixPath("/static") / f"{self.value}.webp")


@lru_cache(maxsize=512)  # expect: DUR141
def base_price(sku: str) -> int:
    return int(DEFAULT_MENU.get(sku, 900))


@cache
def printed_price(sku: str) -> str:
    return f"{base_price.__wrapped__(sku) / 100:.2f}"


def override(sku: str, cents: int) -> None:
    _overrides[sku] = cents  # expect: DUR141


def price_of(sku: str) -> int:
    if (special := _overrides.get(sku)) is not None:  # expect: DUR141
        return special
    return base_price(sku)


def picture_name(path: str) -> str:
    stem, ext = os.path.splitext(os.path.basename(path))
    return os.path.join("thumbs", stem + ext.lower())


large = partial(max, 1200)
