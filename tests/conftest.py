"""What holds for every test."""

import math
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from durable_async.worker import limits, oversight, watchdog

# coverage follows pytest-xdist into its processes, but no further: programs that tests start and
# kill run as they do for a user.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)

# Who runs the tests in the background may have them ignore what Ctrl+C sends, and with them all
# that they start. Some raise it, and wait for what comes of it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A slow machine is no bug: there are no deadlines, and examples may take their time. On CI, as in
# `make ci`, hypothesis keeps its own profile, which holds the same, and derives the examples from
# the test's source: what passes there once passes again, and what fails there fails here.
settings.register_profile("durable", deadline=None, suppress_health_check=[HealthCheck.too_slow])
if "CI" not in os.environ:
    settings.load_profile("durable")


@pytest.fixture(scope="session", autouse=True)
def nobody_is_held_up() -> Iterator[None]:
    """A process that gets no turn for a quarter of a second looks like code that computes. What is
    told of it is no business of tests that read the log, but for those with `watched`."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (oversight, watchdog):
            patch.setattr(module, "HOLD_UP", math.inf)
        yield


@pytest.fixture
def watched(nobody_is_held_up: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The watchdog tells of what takes long, as it does for users."""
    for module in (oversight, watchdog):
        monkeypatch.setattr(module, "HOLD_UP", limits.HOLD_UP)
