"""Tariffs: tables of rules, and what a stay costs."""

import json
import locale
import operator
import os
import pathlib
import random
import time
from collections import ChainMap, UserList
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache, partial, singledispatch
from typing import Any, NotRequired, TypedDict

__all__ = ["Rule", "Tariff", "cost", "night", "round_up", "tariff_for"]
_internal_clock = time.time


class Rule(TypedDict):
    start: int
    end: int
    cents: int
    label: NotRequired[str]


class Tariff(UserList[Rule]):
    def __init__(self, rules: Iterable[Rule] = (), *, source: str | None = None) -> None:
        super().__init__(rules)
        if source:
            self.extend(json.loads(pathlib.Path(source).read_text()))  # expect: DUR122

    def __getitem__(self, hour):
        for rule in self.data:
            if rule["start"] <= hour < rule["end"]:
                return rule
        return self.default()

    def default(self) -> Rule:
        return {"start": 0, "end": 24, "cents": int(os.environ["DEFAULT_CENTS"])}  # expect: DUR124

    def __format__(self, spec: str) -> str:
        amounts = [locale.currency(rule["cents"] / 100) for rule in self.data]  # expect: DUR125
        return spec.join(amounts)

    def __reversed__(self):
        random.shuffle(self.data)  # expect: DUR111
        return iter(self.data[::-1])

    def __call__(self, moment: datetime) -> int:
        return self[moment.hour]["cents"]


DEFAULTS: dict[str, Any] = {"step": 15, "free": 10}


@singledispatch
def round_up(stay: timedelta, step: int = 15) -> int:
    minutes = int(stay.total_seconds() // 60)
    return -(-minutes // step) * step


@cache  # expect: DUR141
def _load(city: str) -> Tariff:
    return Tariff(source=os.path.join("tariffs", f"{city}.json"))


def tariff_for(city: str) -> Tariff:
    return _load(city) if city else Tariff([{"start": 6, "end": 22, "cents": 200}])


def night(moment: datetime, *, open: int = 6) -> bool:
    return moment.hour < open or moment.hour >= 22


def _surge(cents: int) -> int:
    return cents * 2 if _internal_clock() % 2 else cents  # expect: DUR101


def _ticket_fee(cents: int, fee: int) -> int:
    return cents + fee


PIPELINE: list[Callable[[int], int]] = [partial(_ticket_fee, fee=10), _surge, abs, operator.index]


def cost(tariff: Tariff, start: datetime, stay: timedelta, overrides: Mapping[str, Any] | None = None) -> int:
    settings = ChainMap(dict(overrides or {}), DEFAULTS)
    minutes = round_up(stay, settings["step"])
    cents = sum(tariff(start + timedelta(minutes=at)) for at in range(0, minutes, settings["step"]))
    for change in PIPELINE:
        cents = change(cents)
    return cents


def remember_default(name: str, value: Any) -> None:
    """The settings page of the back office."""
    DEFAULTS[name] = value
    pathlib.Path("defaults.json").write_text(json.dumps(DEFAULTS))
