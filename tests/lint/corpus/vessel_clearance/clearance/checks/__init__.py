"""Checks register themselves; import order decides in which order they run."""

from ._base import CHECKS, Check, Outcome, check
from . import crew, hull

__all__ = ["CHECKS", "Check", "Outcome", "check", "crew", "hull"]
