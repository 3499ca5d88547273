"""The facade: what is public, and what importing it costs."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import durable_async as da

TREE = ast.parse(Path(da.__file__).read_text())


def names_for_type_checkers() -> dict[str, tuple[str, ...]]:
    (block,) = (node for node in TREE.body if isinstance(node, ast.If))
    return {
        (node.module or "").removeprefix("durable_async."): tuple(a.name for a in node.names)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
    }


def test_type_checkers_and_the_interpreter_see_the_same_names() -> None:
    assert names_for_type_checkers() == da._HOMES


def test_all_is_what_can_be_imported() -> None:
    assert sorted(da._MODULE_OF) == da.__all__
    assert set(da.__all__) <= set(dir(da))


@pytest.mark.parametrize("name", da.__all__)
def test_a_public_name_is_its_modules(name: str) -> None:
    module = importlib.import_module(f"durable_async.{da._MODULE_OF[name]}")
    assert getattr(da, name) is getattr(module, name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'workflow'"):
        da.workflow  # noqa: B018


def test_a_module_of_activities_does_not_import_engines_and_workers() -> None:
    program = (
        "import sys, durable_async as da\n"
        "@da.activity\n"
        "async def charge(cents: int) -> int: return cents\n"
        "print([name for name in sys.modules if 'engines' in name or 'worker' in name])"
    )
    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert output.strip() == "[]"
