"""Findings made by hand, so that what fixes do to a text is tried without the analysis."""

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from durable_lint.fixing import fix
from durable_lint.model import Finding, Span

Find = Callable[..., Finding]
Mend = Callable[..., str]

PATH = "/project/flows.py"


def place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset].replace("\r\n", " \n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def finding(text: str, code: str, subject: str, piece: str, nth: int = 0) -> Finding:
    """A fixable finding at the nth occurrence of a piece of the text."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(piece, start + 1)
    span = Span(*place(text, start), *place(text, start + len(piece)))
    return Finding(PATH, span, code, "", "", "flow", subject, fixable=True)


@pytest.fixture
def find() -> Find:
    return finding


@pytest.fixture
def mend() -> Mend:
    """Mends an indented text; each finding is (code, subject, piece) or with which occurrence."""

    def mend(text: str, *found: tuple[Any, ...]) -> str:
        text = dedent(text).lstrip("\n")
        findings = [finding(text, *each) for each in found]
        fixed = fix(text.encode(), findings)
        changed = fixed.data != text.encode()
        assert changed is bool(fixed.fixed)
        return fixed.data.decode()

    return mend
