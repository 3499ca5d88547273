"""The corpus is data: projects as users write them, with tests of their own.

What hangs on the Python that runs is tried on each; the rest once, as it is the same for all.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

collect_ignore_glob = ["corpus/*"]

HERE = Path(__file__).parent
ON_EACH_PYTHON = [
    HERE / "discover",
    HERE / "vocabulary",
    HERE / "test_lowering.py",
    HERE / "test_source.py",
]


# Each of these starts mypy, or lowers the whole standard library: minutes in all.
LONG = [
    HERE / "oracle" / "test_checks.py",
]
LONG_TESTS = {"test_so_is_every_other_that_is_a_file_of_the_library_itself"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and not any(
            path == item.path or path in item.path.parents for path in ON_EACH_PYTHON
        ):
            item.add_marker(pytest.mark.once)
        if item.path in LONG or item.name in LONG_TESTS:
            item.add_marker(pytest.mark.soak)


@pytest.fixture
def usual_bound() -> Iterator[None]:
    """How deep calls may nest hangs on who used this process before."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_500)
    yield
    sys.setrecursionlimit(before)
