"""Number plates: reading, normalising, comparing. The camera is a separate process."""

from __future__ import annotations

import difflib
import hashlib
import io
import random
import re
import string
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timezone
from random import Random as Dice

PATTERN = re.compile(r"[^A-Z0-9]+")
_translate = str.maketrans("OI", "01")


@dataclass(frozen=True, slots=True)
class Plate:
    text: str
    seen: float = 0.0

    @classmethod
    def read(cls, raw: str, time: float = 0.0) -> Plate:
        folded = unicodedata.normalize("NFKD", raw).upper()
        return cls(PATTERN.sub("", folded), time)

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.seen, tz=timezone.utc)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plate) and self.key == other.key

    def __hash__(self) -> int:
        return int(self.key, 36)

    @property
    def key(self) -> str:
        return self.text.translate(_translate) or "0"

    def open(self) -> io.StringIO:
        return io.StringIO(self.text)

    def anonymous(self, salt: str) -> str:
        return hashlib.blake2s(self.key.encode(), key=salt.encode(), digest_size=6).hexdigest()

    def lottery(self) -> str:
        dice = Dice(self.key)
        return "".join(dice.choice(string.digits) for _ in range(4))


def closest(plate: Plate, known: set[str]) -> str | None:
    found = difflib.get_close_matches(plate.text, sorted(known), n=1)
    return found[0] if found else None


def shuffled(plates: list[str], random: random.Random) -> list[str]:
    copy = plates[:]
    random.shuffle(copy)
    return copy


def groups(plates: set[str]) -> dict[str, int]:
    counts = dict.fromkeys(sorted({plate[:1] for plate in plates}), 0)
    for plate in sorted(plates):
        counts[plate[:1]] += 1
    return counts
