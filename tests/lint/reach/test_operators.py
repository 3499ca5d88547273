"""An operator calls the method of each object that its operand may be."""

from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

CLASSES = """\
import durable_async as da


class Formula:
    def __matmul__(self, words):
        return eval("base")

    def __neg__(self):
        return eval("base")


class Script(Formula):
    def __matmul__(self, words):
        return eval("more")

    def __neg__(self):
        return eval("more")

    def __imatmul__(self, words):
        return eval("place")


class Table:
    def __rmatmul__(self, words):
        return eval("right")


@da.orchestrator
async def flow(kind: str, other: float):
    one = (Script if kind == "script" else Formula)()
    BODY
"""


@pytest.mark.parametrize(
    ("body", "reached"),
    [
        ("return one @ [1]", {"base", "more"}),
        ("return -one", {"base", "more"}),
        ("one @= [1]", {"base", "place"}),
        ("return [1] @ (Table() if kind else other)", {"right"}),
        ("return (one if kind else other) @ 2", {"base", "more"}),
    ],
)
def test_the_method_of_each_class_that_it_may_be_of(
    analyse: Analyse, body: str, reached: set[str]
) -> None:
    text = CLASSES.replace("BODY", body)
    lines = text.splitlines()
    found = [each for each in analyse(text).findings if each.code == "DUR142"]
    assert {lines[each.span.line - 1].split('"')[1] for each in found} == reached
    assert len(found) == len(reached)
