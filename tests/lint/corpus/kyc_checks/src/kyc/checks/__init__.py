"""Checks of documents: pure rules, dispatched by the type of the document."""

from .rules import assess, combine, severity_of
from .sanctions import SanctionList, screen

__all__ = ["SanctionList", "assess", "combine", "screen", "severity_of"]
