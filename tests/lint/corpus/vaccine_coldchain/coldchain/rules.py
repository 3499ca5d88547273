"""What to do about an excursion. Rules come from a table; countries add their own."""

import contextlib
import json
import os
import re
from functools import lru_cache, partial
from pathlib import Path

_COUNTRY_RULES = {}
_DEFAULTS = {"max": 8.0, "min": 2.0, "minutes": 30}
_CODE = re.compile(r"^[A-Z]{2}$")


def rule_for(country):
    def decorate(fn):
        _COUNTRY_RULES[country] = fn
        return fn

    return decorate


@rule_for("NO")
def _norway(series, limits):
    return series.kinetic_mean() > limits["max"]


@rule_for("KE")
def _kenya(series, limits, *, _strict=bool(os.getenv("KE_STRICT"))):
    return _strict or len(series.excursions) > 2


@rule_for("IN")
def _india(series, limits):
    with contextlib.suppress(FileNotFoundError):
        extra = json.loads(Path("/etc/coldchain/in.json").read_text())  # expect: DUR122
        limits = {**limits, **extra}
    return series.kinetic_mean() > limits["max"]


@lru_cache  # expect: DUR141
def _limits(product):
    return {**_DEFAULTS, "max": 10.0 if product.startswith("x") else 8.0}


def generic(series, limits, tolerance=0.0):
    return any(r.celsius > limits["max"] + tolerance for r in series)


def spoiled(series, product, country):
    if not _CODE.match(country):
        raise ValueError(country)
    rule = _COUNTRY_RULES.get(country, partial(generic, tolerance=0.5))
    return rule(series, _limits(product))


def reload():
    _COUNTRY_RULES.clear()
    _limits.cache_clear()
