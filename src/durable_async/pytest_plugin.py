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

from durable_async.testing.environment import CrashPolicy, Environment, crashes, environment

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
    if marker is None:
        return (yield)
    with crashes(_policy_of(marker, item)):
        return (yield)


def _policy_of(marker: pytest.Mark, item: pytest.Item) -> CrashPolicy | None:
    unknown = sorted(marker.kwargs.keys() - {"crash"})
    crash: CrashPolicy | None = marker.kwargs.get("crash")
    if marker.args or unknown or crash not in (None, "every-commit"):
        raise pytest.UsageError(
            f'{item.nodeid}: @pytest.mark.durable is written (crash="every-commit"), not '
            f"{_written(marker)}"
        )
    return crash


def _written(marker: pytest.Mark) -> str:
    keywords = (f"{name}={value!r}" for name, value in marker.kwargs.items())
    return f"({', '.join([*map(repr, marker.args), *keywords])})"
