"""The corpus is data: projects as users write them, with tests of their own.

What hangs on the Python that runs is tried on each; the rest once, as it is the same for all.
"""

from pathlib import Path

import pytest

collect_ignore_glob = ["corpus/*"]

HERE = Path(__file__).parent
ON_EACH_PYTHON = [
    HERE / "discover",
    HERE / "reach",
    HERE / "robustness",
    HERE / "vocabulary",
    HERE / "test_lowering.py",
    HERE / "test_source.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and not any(
            path == item.path or path in item.path.parents for path in ON_EACH_PYTHON
        ):
            item.add_marker(pytest.mark.once)
