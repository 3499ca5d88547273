"""Pages: for pipes as lines, for terminals fitted and coloured; never a terminal's commands."""

from __future__ import annotations

import io
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_async.cli.blocks import (
    Block,
    Cell,
    Column,
    Fields,
    Note,
    Table,
    printable,
    shortened,
)
from durable_async.cli.drawing import draw

TABLE = Table(
    (Column("ID"), Column("STATUS", whole=True), Column("UPDATED", whole=True, optional=True)),
    [
        (Cell("order-1"), Cell("RUNNING", "active"), Cell("10:00")),
        (Cell("注文-2"), Cell("COMPLETED", "good"), Cell("")),
    ],
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(blocks: list[Block]) -> str:
    stream = io.StringIO()
    draw(blocks, stream)
    return stream.getvalue()


def on_terminal(
    blocks: list[Block], monkeypatch: pytest.MonkeyPatch, *, width: int, **environment: str
) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = Terminal()
    draw(blocks, stream)
    return stream.getvalue()


def without_styles(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def columns_of(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line)


def test_a_table_for_a_pipe_is_aligned_also_under_wide_letters_and_has_no_trailing_spaces() -> None:
    assert drawn([TABLE]) == (
        "ID       STATUS     UPDATED\norder-1  RUNNING    10:00\n注文-2   COMPLETED\n"
    )


def test_lines_for_a_pipe_are_as_long_as_they_are() -> None:
    table = Table((Column("ID"), Column("S")), [(Cell("x" * 255), Cell("y"))])
    assert drawn([table]).splitlines()[1] == "x" * 255 + "  y"


def test_a_value_of_several_lines_stays_beside_its_name() -> None:
    fields = Fields(Cell("order-1"), [("status", Cell("FAILED")), ("why", Cell("one\ntwo"))])
    assert drawn([fields]) == "order-1\n  status  FAILED\n  why     one\n          two\n"


def test_blocks_have_an_empty_line_between_them() -> None:
    assert drawn([Note(Cell("one")), Note(Cell("two\nlines"), indent=2)]) == (
        "one\n\n  two\n  lines\n"
    )


def test_a_terminal_gets_colours_unless_no_color_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[32mCOMPLETED" in on_terminal([TABLE], monkeypatch, width=100)
    plain = on_terminal([TABLE], monkeypatch, width=100, NO_COLOR="1")
    assert "COMPLETED" in plain
    assert "[32m" not in plain


@pytest.mark.parametrize("width", [20, 40, 80, 99, 100, 200])
def test_no_line_is_wider_than_the_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(Cell("文" * 120), Cell("R"), Cell("2026-01-31"))]
    table = Table(TABLE.columns, rows)
    fields = Fields(Cell("i" * 255), [("input", Cell("[" + "1, " * 200 + "]"))])
    text = without_styles(on_terminal([table, fields], monkeypatch, width=width))
    assert max(columns_of(line) for line in text.splitlines()) <= width
    assert text.count("文") == 120  # folded, not cut


def test_a_narrow_terminal_leaves_out_what_is_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "UPDATED" in on_terminal([TABLE], monkeypatch, width=100)
    assert "UPDATED" not in on_terminal([TABLE], monkeypatch, width=99)


def test_brackets_and_colons_of_a_text_are_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[bold red]:smile: [/] https://example.org"
    assert text in on_terminal([Note(Cell(text))], monkeypatch, width=100)


def test_a_stored_text_cannot_command_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "\x1b]0;title\x07 \x1b[2J \u202e right to left \x9b31m"
    for text in (
        drawn([Note(Cell(evil))]),
        without_styles(on_terminal([Note(Cell(evil))], monkeypatch, width=200)),
    ):
        assert "\\x1b]0;title\\x07 \\x1b[2J \\u202e right to left \\x9b31m" in text
        assert not set(text) & {"\x1b", "\x07", "\u202e", "\x9b"}


@given(st.text())
def test_whatever_text_becomes_printable_lines(text: str) -> None:
    for line in printable(text).split("\n"):
        assert line.replace("\u200d", "").isprintable()


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=50))
def test_a_printable_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_a_long_text_says_how_long_it_is() -> None:
    assert shortened("x" * 10, 10) == "x" * 10
    assert shortened("x" * 12_345, 3) == "xxx... (12,345 characters)"
