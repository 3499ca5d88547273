"""Function plumbing: pipes, retries, keyed collections."""

from .collections import group_by, stable_unique, unique
from .pipes import compose, pipe, tap

__all__ = ["compose", "group_by", "pipe", "stable_unique", "tap", "unique"]
