"""For pytest: the fixture `durable_env` and the marker `durable`. Invariant: a test without them is
left alone.

    @pytest.mark.durable(crash="every-commit")
    async def test_checkout(durable_env):
        async with durable_env([checkout, charge]) as env:
            ...
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import pytest

from durable_async.testing.environment import Environment, crashes, environment

__all__ = ["durable_env"]

_MARKER = (
    'durable(crash="every-commit"): in every test environment of this test, the worker vanishes '
    "after each commit of a step, and another one goes on from the store."
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def durable_env() -> Callable[..., Environment]:
    """`durable_async.testing.environment`: `async with durable_env([checkout, charge]) as env:`."""
    return environment


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    marker = item.get_closest_marker("durable")
    if marker is None or not _is_known(marker):
        return (yield)
    with crashes(marker.kwargs.get("crash")):
        return (yield)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A marker that says something else fails its test, and no other."""
    marker = item.get_closest_marker("durable")
    if marker is not None and not _is_known(marker):
        raise pytest.UsageError(
            f'{item.nodeid}: @pytest.mark.durable is written (crash="every-commit"), not '
            f"{_written(marker)}; everything else is said to durable_env(...)"
        )


def _is_known(marker: pytest.Mark) -> bool:
    return (
        not marker.args
        and marker.kwargs.keys() <= {"crash"}
        and marker.kwargs.get("crash") in (None, "every-commit")
    )


def _written(marker: pytest.Mark) -> str:
    keywords = (f"{name}={value!r}" for name, value in marker.kwargs.items())
    return f"({', '.join([*map(repr, marker.args), *keywords])})"
