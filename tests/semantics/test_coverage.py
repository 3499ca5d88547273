"""Every line of the specification has a test."""

import ast
import re
from pathlib import Path

import pytest

LINES = range(1, 36)

_NAMED = re.compile(r"\bLines? (\d+(?:(?:, | and )\d+)*)")


def lines_named(docstring: str) -> set[int]:
    return {
        int(number) for found in _NAMED.findall(docstring) for number in re.findall(r"\d+", found)
    }


def lines_with_tests() -> set[int]:
    found: set[int] = set()
    for file in sorted(Path(__file__).parent.glob("test_line_*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(
                "test_"
            ):
                found |= lines_named(ast.get_docstring(node) or "")
    return found


def test_every_line_has_a_test() -> None:
    assert lines_with_tests() == set(LINES)


def test_every_test_says_which_line_it_is_of() -> None:
    for file in sorted(Path(__file__).parent.glob("test_line_*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("test_"):
                docstring = ast.get_docstring(node) or ""
                assert lines_named(docstring) & set(LINES), f"{file.name}: {node.name}"


@pytest.mark.parametrize(
    ("docstring", "lines"),
    [("Line 7.", {7}), ("Lines 7 and 9: both", {7, 9}), ("Lines 1, 2 and 30", {1, 2, 30})],
)
def test_lines_are_read_from_docstrings(docstring: str, lines: set[int]) -> None:
    assert lines_named(docstring) == lines
