"""Whatever a file holds, reading it gives a tree or a SourceError that says where."""

import ast
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_lint.model import Span
from durable_lint.source import Source, SourceError


def source(data: bytes | str) -> Source:
    return Source("/p/a.py", data.encode() if isinstance(data, str) else data)


def trouble(data: bytes | str) -> SourceError:
    with pytest.raises(SourceError) as raised:
        _ = source(data).tree
    return raised.value


def test_columns_count_characters_from_one() -> None:
    read = source('é = "ü"; x = 1\n')
    statement = read.tree.body[1]
    assert isinstance(statement, ast.Assign)
    assert read.span(statement) == Span(1, 10, 1, 15)
    assert read.span(statement.targets[0]) == Span(1, 10, 1, 11)


def test_a_span_may_end_on_another_line_with_other_characters() -> None:
    read = source('x = ("a",\n     "日本", y)\n')
    statement = read.tree.body[0]
    assert isinstance(statement, ast.Assign)
    assert read.span(statement.value) == Span(1, 5, 2, 14)


@given(st.text(alphabet="aé日𝒳 ", max_size=12))
def test_every_column_is_the_number_of_characters_before_it(text: str) -> None:
    read = source(f"'{text}'; x\n")
    span = read.span(read.tree.body[1])
    assert read.line(1)[span.column - 1 : span.end_column - 1] == "x"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_where_python_ends_them(end: str) -> None:
    read = source(f"a = '\x0c\x1c\u2028'{end}b = 1{end}")
    assert read.lines == ["a = '\x0c\x1c\u2028'", "b = 1", ""]
    assert [statement.lineno for statement in read.tree.body] == [1, 2]
    assert read.line(2) == "b = 1"
    assert read.line(0) == read.line(4) == ""


def test_a_byte_order_mark_is_no_character() -> None:
    read = source(b"\xef\xbb\xbfx = 1\n")
    assert read.text == "x = 1\n"
    assert read.span(read.tree.body[0]) == Span(1, 1, 1, 6)


@pytest.mark.parametrize("prefix", [b"", b"#!/usr/bin/env python\n", b"\r"])
def test_a_coding_comment_is_followed(prefix: bytes) -> None:
    read = source(prefix + b"# -*- coding: latin-1 -*-\nx = '\xe9'; y\n")
    assert read.encoding == "iso-8859-1"
    assert "é" in read.text
    assert read.span(read.tree.body[1]).column == 10


def test_a_coding_comment_further_down_is_an_ordinary_comment() -> None:
    assert source(b"x = 1\ny = 2\n# coding: latin-1\n").encoding == "utf-8"


@pytest.mark.parametrize(
    ("data", "line", "column", "words"),
    [
        (b"x = 1\ny = '\xff'\n", 2, 6, "byte 0xff"),
        (b"# coding: klingon\n", 1, 1, "klingon"),
        (b"# coding: hex\nx = 1\n", 1, 1, "decoded"),
        (b"x = (\n", 1, 5, "never closed"),
        (b"x = 1\n  y = 2\n", 2, 2, "indent"),
        (b"x = \0 1\n", 1, 1, "null bytes"),
        (b"x = 'a\n", 1, 5, "unterminated"),
        (b"(" * 5000, 1, None, ""),
        (b"-" * 200_000 + b"1", 1, 1, "nested"),
        (b"x = " + b"9" * 5000, 1, None, "digits"),
    ],
)
def test_what_cannot_be_read_says_where(
    data: bytes, line: int, column: int | None, words: str
) -> None:
    error = trouble(data)
    assert error.path == "/p/a.py"
    assert error.line == line
    assert column is None or error.column == column
    assert words in error.message
    assert "\n" not in error.message
    assert str(error).startswith(f"/p/a.py:{line}:")
    assert error.span.end_column == error.column + 1


@given(st.binary(max_size=60))
def test_no_bytes_at_all_raise_anything_but_a_source_error(data: bytes) -> None:
    read = source(data)
    with suppress(SourceError):
        assert read.tree is read.tree


def test_the_same_trouble_is_the_same_error_each_time() -> None:
    read = source("x = (\n")
    errors = []
    for _ in range(2):
        with pytest.raises(SourceError) as raised:
            _ = read.tree
        errors.append(raised.value)
    assert errors[0] is errors[1]


def test_a_warning_of_the_parser_is_not_an_error() -> None:
    assert len(source(r"x = '\d'").tree.body) == 1


def test_a_forgotten_tree_is_made_again() -> None:
    read = source("x = 1\n")
    before = ast.dump(read.tree)
    read.forget()
    assert ast.dump(read.tree) == before


def test_a_file_is_read_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"x = 1\n")
    assert Source.read(path.as_posix()).text == "x = 1\n"


def test_a_file_that_is_not_there_or_no_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=os.strerror(2)):
        Source.read((tmp_path / "a.py").as_posix())
    with pytest.raises(SourceError, match="directory"):
        Source.read(tmp_path.as_posix())
