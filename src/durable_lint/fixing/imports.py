"""Imports that a fix needs are put where a sorted file has them. Invariant: each is there once.

They go behind the docstring and `__future__`; the standard library's before the others', with a
blank line between; nothing that stands there is moved.
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Final

from durable_lint.fixing.edits import Edit
from durable_lint.fixing.module import Module

__all__ = ["import_edit"]

_Import = ast.Import | ast.ImportFrom
_HEAD: Final = re.compile(r"#!|#.*?coding[:=]")


class _Kind(IntEnum):
    """What an import is of, in the order in which they stand."""

    FUTURE = 0
    STDLIB = 1
    LIBRARY = 2
    RELATIVE = 3


def import_edit(module: Module, package: str) -> Edit:
    """The insertion of `import package` at the top of a module that does not have it."""
    statement = f"import {package}{module.newline}"
    block = _block(module.tree)
    kind = _Kind.STDLIB if package in sys.stdlib_module_names else _Kind.LIBRARY
    alike = [node for node in block if _kind(node) is kind]
    if alike:
        return _among(module, _group(module, alike, package), package, statement)
    before = [node for node in block if _kind(node) < kind]
    if before:
        return _behind(module, before[-1], statement)
    if block:
        place = module.line_start(block[0].lineno)
        return Edit(place, place, statement + module.newline)
    docstring = _docstring(module.tree)
    if docstring is not None:
        return _behind(module, docstring, statement)
    return _on_top(module, statement)


def _block(tree: ast.Module) -> list[_Import]:
    """The imports that a module begins with."""
    body = tree.body[1:] if _docstring(tree) else tree.body
    block: list[_Import] = []
    for node in body:
        if not isinstance(node, _Import):
            break
        block.append(node)
    return block


def _docstring(tree: ast.Module) -> ast.stmt | None:
    match tree.body[:1]:
        case [ast.Expr(value=ast.Constant(value=str())) as statement]:
            return statement
        case _:
            return None


def _kind(node: _Import) -> _Kind:
    if isinstance(node, ast.ImportFrom) and node.level:
        return _Kind.RELATIVE
    top = _name(node).partition(".")[0]
    if top == "__future__":
        return _Kind.FUTURE
    return _Kind.STDLIB if top in sys.stdlib_module_names else _Kind.LIBRARY


def _name(node: _Import) -> str:
    return (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name


def _group(module: Module, alike: Sequence[_Import], package: str) -> list[_Import]:
    """The imports up to the first blank line; those that have one of the package, if any."""
    groups: list[list[_Import]] = []
    for node in alike:
        if not groups or _blank_between(module, groups[-1][-1], node):
            groups.append([])
        groups[-1].append(node)
    for group in groups:
        if any(_name(node).partition(".")[0] == package for node in group):
            return group
    return groups[0]


def _blank_between(module: Module, one: _Import, other: _Import) -> bool:
    lines = range((one.end_lineno or one.lineno) + 1, other.lineno)
    return any(not module.line(number).strip() for number in lines)


def _among(module: Module, group: Sequence[_Import], package: str, statement: str) -> Edit:
    """Before the first that sorts behind it: `import` before `from`, then by name."""
    for node in group:
        if (isinstance(node, ast.ImportFrom), _name(node)) >= (False, package):
            place = module.line_start(node.lineno)
            return Edit(place, place, statement)
    return _on_next_line(module, group[-1], statement)


def _on_next_line(module: Module, node: ast.stmt, text: str) -> Edit:
    line = (node.end_lineno or node.lineno) + 1
    place = module.line_start(line)
    if line > module.line_count:  # the file ends without a line end
        return Edit(place, place, module.newline + text)
    return Edit(place, place, text)


def _behind(module: Module, node: ast.stmt, statement: str) -> Edit:
    """A group of its own, with a blank line above it, and below it what a reader expects."""
    line = (node.end_lineno or node.lineno) + 1
    below = module.newline * _missing_blanks(module, line)
    return _on_next_line(module, node, module.newline + statement + below)


def _on_top(module: Module, statement: str) -> Edit:
    line = _first_line(module)
    place = module.line_start(line)
    return Edit(place, place, statement + module.newline * _missing_blanks(module, line))


def _first_line(module: Module) -> int:
    """The line before which a file without imports gets its first: behind a heading comment."""
    line = 1
    while module.line(line).lstrip().startswith("#"):
        line += 1
    if line > 1 and line < module.line_count and not module.line(line).strip():
        return line + 1
    line = 1
    while line <= 2 and _HEAD.match(module.line(line)):
        line += 1
    return line


def _missing_blanks(module: Module, line: int) -> int:
    """How many blank lines are to be put between an import and what begins at a line."""
    there = 0
    while line <= module.line_count and not module.line(line).strip():
        line += 1
        there += 1
    if line > module.line_count:
        return 0
    following = next(_from(module, line), None)
    if isinstance(following, _Import):
        return max(0, 1 - there)
    opens = isinstance(following, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return max(0, (2 if opens else 1) - there)


def _from(module: Module, line: int) -> Iterator[ast.stmt]:
    return (node for node in module.tree.body if (node.end_lineno or 0) >= line)
