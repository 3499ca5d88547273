"""Value functions that templates may use: V_*."""

import os as _os
import random as _random
import time as _time
import uuid as _uuid
from datetime import date as _date
from datetime import datetime as _datetime
from pathlib import Path as _Path

import arrow as _arrow
import nanoid as _nanoid

__all__ = [
    "V_DAY",
    "V_DEADLINE",
    "V_DICE",
    "V_ENV",
    "V_HASH",
    "V_KEY",
    "V_LOCAL",
    "V_NOW",
    "V_RENT",
    "V_SEED",
    "V_TEMPLATE",
    "V_TODAY",
    "V_UID",
]

_RENTS = {"flat": 12_50, "shop": 21_00}


def V_NOW() -> str:
    return _arrow.utcnow().isoformat()  # expect: DUR101


def V_TODAY() -> str:
    return _date.today().isoformat()  # expect: DUR101


def V_DAY(at: float) -> str:
    return _time.strftime("%d.%m.", _time.gmtime(at))


def V_LOCAL() -> int:
    return _time.localtime().tm_hour  # expect: DUR101


def V_DEADLINE(start: str) -> _datetime:
    return _datetime.fromisoformat(start).replace(hour=18)


def V_DICE(sides: int) -> int:
    return _random.randrange(sides)  # expect: DUR111


def V_SEED(seed: str, sides: int) -> int:
    return _random.Random(seed).randrange(sides)


def V_UID() -> str:
    return str(_uuid.uuid4())  # expect: DUR112


def V_KEY(prefix: str) -> str:
    return f"{prefix}-{_nanoid.generate(size=10)}"  # expect: DUR112


def V_ENV(name: str) -> str:
    return _os.environ.get(name, "")  # expect: DUR124


def V_HASH(text: str) -> int:
    return hash(text) % 97  # expect: DUR125


def V_TEMPLATE(name: str) -> str:
    path = _Path("/srv/estate/templates").joinpath(name).with_suffix(".txt")
    return path.read_text()  # expect: DUR122


def V_RENT(kind: str, metres: int) -> int:
    return _RENTS[kind] * metres


def V_LEGACY() -> float:
    return _time.time() + _random.random()
