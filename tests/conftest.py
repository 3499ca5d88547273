"""What holds for every test."""

import os

from hypothesis import settings

# coverage follows pytest-xdist into its processes, but no further: programs that tests start and
# kill run as they do for a user.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)

# A slow machine is no bug: there are no deadlines. On CI hypothesis keeps its own profile, which
# derives the examples from the test's source, so that what failed there fails here.
settings.register_profile("durable", deadline=None)
if "CI" not in os.environ:
    settings.load_profile("durable")
