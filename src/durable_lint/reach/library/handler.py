"""A handler says what calling one function of a library gives, and what is called by it on the way.

Whether the call is allowed is for the vocabulary to say.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from durable_lint.reach.facts import Given
from durable_lint.reach.handovers import Handovers
from durable_lint.reach.values import UNKNOWN, Instance, Value

__all__ = ["Handler", "made", "type_at"]

Handler = Callable[[Handovers, Given, ast.Call], Value]


def made(cls: str) -> Handler:
    """Of functions that give an instance of a class, whatever they are given."""

    def handler(frame: Handovers, given: Given, node: ast.Call) -> Value:
        del frame, given, node
        return Instance(cls)

    return handler


def type_at(frame: Handovers, node: ast.Call, place: int) -> Value:
    """An instance of the type that is an argument; unknown when there is none."""
    if place >= len(node.args):
        return UNKNOWN
    return frame.analysis.annotation(node.args[place], frame.module, frame.scope_of_annotations())
