"""A text that is put into a tree gives the tree of the text, with the nodes that were there."""

import ast

import pytest

from durable_lint.reach.splice import Spliced, spliced

BEFORE = """\
import time
LIMIT = 3


def first(a):
    b = [lambda: a]
    return b


class Box:
    size: int = 1

    def method(self):
        return self.size


def last():
    def inner():
        return 1
    return inner
"""


def put(after: str, before: str = BEFORE) -> tuple[ast.Module, Spliced | None]:
    old, new = ast.parse(before), ast.parse(after)
    return old, spliced(old, new, before.split("\n"), after.split("\n"))


@pytest.mark.parametrize(
    ("this", "that"),
    [
        ("LIMIT = 3\n", "LIMIT = 3\n# a note\n\n"),
        ("    return b\n", "    print(b)\n    return b\n"),
        ("    return b\n", ""),
        ("        return self.size\n", "        return 2\n"),
        ("        return 1\n", "        x = 1\n        return x\n"),
        ("import time\n", "import time\nimport random\n"),
        ("import time\n", ""),
        ("class Box", "def more():\n    return 1\n\n\nclass Box"),
        ("def first(a):\n    b = [lambda: a]\n    return b\n", ""),
        ("def first(a):", "def first( a ):"),
        ("first(a)", "first(a, c=1)"),
        ("def last", "async def last"),
        ("LIMIT = 3", "LIMIT = 4"),
    ],
)
def test_the_tree_says_what_the_text_says_at_its_places(this: str, that: str) -> None:
    after = BEFORE.replace(this, that)
    tree, change = put(after)
    assert change is not None
    expected = ast.dump(ast.parse(after), include_attributes=True)
    assert ast.dump(tree, include_attributes=True) == expected


@pytest.mark.parametrize(
    ("this", "that"),
    [
        ("LIMIT = 3", "LIMIT = [4]"),
        ("class Box", "class Box(Base)"),
        ("    size: int = 1", "    size: str = 1"),
        ("def method", "def other"),
        ("LIMIT = 3\n", "LIMIT = 3\nMORE = 4\n"),
    ],
)
def test_more_than_bodies_is_not_spliced_and_the_tree_stays(this: str, that: str) -> None:
    tree, change = put(BEFORE.replace(this, that))
    assert change is None
    assert ast.dump(tree, include_attributes=True) == ast.dump(
        ast.parse(BEFORE), include_attributes=True
    )


def test_statements_that_only_moved_are_the_nodes_that_they_were() -> None:
    tree = ast.parse(BEFORE)
    nodes = list(ast.walk(tree))
    after = f"# above\n{BEFORE}"
    change = spliced(tree, ast.parse(after), BEFORE.split("\n"), after.split("\n"))
    assert change is not None
    assert all(a is b for a, b in zip(nodes, ast.walk(tree), strict=True))
    assert change.line == 1


def test_a_function_within_one_that_changed_is_the_node_that_it_was() -> None:
    tree = ast.parse(BEFORE)
    inner = tree.body[-1].body[0]  # type: ignore[attr-defined]
    after = BEFORE.replace("    return inner", "    print(1)\n    return inner")
    change = spliced(tree, ast.parse(after), BEFORE.split("\n"), after.split("\n"))
    assert change is not None
    assert tree.body[-1].body[0] is inner  # type: ignore[attr-defined]
    assert [node.name for node in change.edited] == ["last"]


def test_what_came_and_went_is_told() -> None:
    _, change = put(BEFORE.replace("import time", "import random"))
    assert change is not None
    assert [ast.unparse(node) for node in change.added] == ["import random"]
    assert [ast.unparse(node) for node in change.removed] == ["import time"]
