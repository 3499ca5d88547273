"""What holds for every test."""

import os

from hypothesis import settings

# A slow machine is no bug: there are no deadlines. On CI hypothesis keeps its own profile, which
# derives the examples from the test's source, so that what failed there fails here.
settings.register_profile("durable", deadline=None)
if "CI" not in os.environ:
    settings.load_profile("durable")
