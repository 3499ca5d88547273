"""The page of what each engine does is what tests said, of tests that there are."""

import ast
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def matrix() -> Iterator[Any]:
    name = "engine_matrix"
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[name]


def test_the_page_is_what_the_tests_said_last(matrix: Any) -> None:
    assert matrix.PAGE.read_text() == matrix.page(matrix.FEATURES, matrix.read_results()), (
        "run: python tools/engine_matrix.py"
    )


def test_each_feature_was_asked_of_each_engine_and_passed(matrix: Any) -> None:
    results = matrix.read_results()
    assert list(results) == [feature.title for feature in matrix.FEATURES], (
        "run: python tools/engine_matrix.py"
    )
    assert all(results[title][engine] for title in results for engine in matrix.ENGINES)


def functions_in(file: Path) -> set[str]:
    found = ast.walk(ast.parse(file.read_text()))
    return {node.name for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_each_test_that_is_named_exists(matrix: Any) -> None:
    for feature in matrix.FEATURES:
        assert feature.stores and feature.temporal, feature.title
        for selector in (*feature.stores, *feature.temporal):
            if selector.startswith("kit:"):
                assert matrix.rules(selector[4:]), selector
                continue
            file, _, name = selector.partition("::")
            functions = functions_in(ROOT / file)
            assert not name or name.partition("[")[0] in functions, selector


REPORT = """\
<testsuites><testsuite>
<testcase classname="tests.app.test_a" name="test_x[memory]"/>
<testcase classname="tests.app.test_a" name="test_x[sqlite]"><failure/></testcase>
<testcase classname="tests.temporal.test_b" name="test_y[one]"/>
<testcase classname="tests.temporal.test_b" name="test_y[two]"><skipped/></testcase>
<testcase classname="tests.temporal.test_b" name="test_yes"/>
</testsuite></testsuites>
"""


@pytest.mark.parametrize(
    ("temporal", "count"),
    [
        (("tests/temporal/test_b.py::test_y[one]",), 1),
        (("tests/temporal/test_b.py::test_yes",), 1),
        (("tests/temporal/test_b.py::test_y",), 0),  # one of its cases was skipped
        (("tests/temporal/test_b.py::test_yes", "tests/temporal/test_b.py::test_gone"), 0),
    ],
)
def test_a_feature_is_there_only_if_all_its_tests_ran_and_passed(
    matrix: Any, temporal: tuple[str, ...], count: int
) -> None:
    feature = matrix.Feature("x", ("tests/app/test_a.py::test_x",), temporal)
    results = matrix.counted([feature], matrix.read_report(REPORT))
    assert results == {"x": {"memory": 1, "sqlite": 0, "temporal": count}}
