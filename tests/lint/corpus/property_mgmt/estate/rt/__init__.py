"""Runtime support of generated flows. Star-imported by every generated module."""

from estate.rt.guards import *  # noqa: F403
from estate.rt.values import *  # noqa: F403
