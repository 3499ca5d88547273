"""Carrier adapters register themselves when this package is imported."""
from __future__ import annotations

from collections.abc import Callable

from ..model import Scan

Parser = Callable[[dict[str, str]], Scan]
_PARSERS: dict[str, Parser] = {}


def parser(code: str) -> Callable[[Parser], Parser]:
    def register(fn: Parser) -> Parser:
        if code in _PARSERS:
            raise ValueError(f"two parsers for {code}")
        _PARSERS[code] = fn
        return fn

    return register


def parse(code: str, raw: dict[str, str]) -> Scan:
    try:
        return _PARSERS[code](raw)
    except KeyError as err:
        raise ValueError(f"{code}: missing {err}") from err


from . import northpost, quickvan  # noqa: E402,F401
