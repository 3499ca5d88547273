"""Steps are activities, one module per kind; ``run_step`` picks by name."""

from . import build, checkout

__all__ = ["build", "checkout"]
