"""A gap is an expression of which syntax does not say what it gives; who knows types may fill it.

Invariant: what is known stays as it is. Only what is unknown, or belongs to a class or module that
the vocabulary does not know, is asked about, and only an answer that says more is taken.
"""

from __future__ import annotations

import ast
import sys
from typing import Final

from durable_lint.reach.frame import Frame
from durable_lint.reach.knowledge import Typist
from durable_lint.reach.names import rendered
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    Class,
    External,
    Instance,
    Made,
    Member,
    Object,
    Union,
    Value,
    join,
)

__all__ = ["filled"]

STDLIB: Final = frozenset({*sys.stdlib_module_names, "durable_async", "durable_lint"})
_ASKED: Final = (
    ast.Name,
    ast.Attribute,
    ast.Call,
    ast.Subscript,
    ast.Await,
    ast.NamedExpr,
    ast.IfExp,
    ast.BinOp,
    ast.BoolOp,
    ast.Yield,
)


def filled(frame: Frame, typist: Typist, value: Value, node: ast.expr) -> Value:
    """What an expression gives, when its type is asked about as well."""
    if not isinstance(node, _ASKED) or not _is_gap(frame, value):
        return value
    told = typist(frame.analysis, frame.module.path, node)
    if told is UNKNOWN:
        return value
    match value:
        case Union(parts):
            joined: Value = NOTHING
            for part in parts:
                joined = join(joined, _better(frame, part, told) if _is_gap(frame, part) else part)
            return joined
        case _:
            return _better(frame, value, told)


def _better(frame: Frame, value: Value, told: Value) -> Value:
    """What is told in place of a gap, if it says more."""
    match value:
        case Instance() | Member() | External():
            return told if _says_more(frame, told) else value
        case _:
            return told


def _is_gap(frame: Frame, value: Value) -> bool:
    vocabulary = frame.vocabulary
    match value:
        case Made():
            return True
        case Member(of, path):
            cls = rendered(of)
            return (
                vocabulary.member(cls, path) is None and vocabulary.member_result(cls, path) is None
            )
        case External(name):
            return (
                name.partition(".")[0] not in STDLIB
                and vocabulary.name(name) is None
                and vocabulary.result(name) is None
                and not vocabulary.pure(name)
            )
        case Instance(cls):
            return (
                "." in cls and cls.partition(".")[0] not in STDLIB and not vocabulary.is_class(cls)
            )
        case Union(parts):
            return any(_is_gap(frame, part) for part in parts)
        case _:
            return value is UNKNOWN


def _says_more(frame: Frame, told: Value) -> bool:
    match told:
        case Instance(cls):
            return bool(frame.vocabulary.is_class(cls)) or frame.vocabulary.is_known(cls)
        case Object() | Class() | External():
            return True
        case _:
            return False
