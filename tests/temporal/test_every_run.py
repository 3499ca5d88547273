"""The table of what every run tries names tests that there are."""

import importlib

import pytest
from tests.temporal.every_run import EVERY_RUN

NAMES = sorted(name for names in EVERY_RUN.values() for name in names)


@pytest.mark.parametrize("name", NAMES)
def test_what_every_run_tries_is_there(name: str) -> None:
    file, _, test = name.partition("::")
    module = importlib.import_module(f"tests.temporal.{file.removesuffix('.py')}")
    assert hasattr(module, test.partition("[")[0])


def test_nothing_is_named_twice() -> None:
    assert len(NAMES) == len(set(NAMES))
