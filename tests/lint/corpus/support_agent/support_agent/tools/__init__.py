"""Tools of the agent. Importing the package registers all of them."""

from .registry import TOOLS, by_tag, describe, tool
from . import builtin, crm  # noqa: E402,F401  (they register themselves)

__all__ = ["TOOLS", "by_tag", "describe", "tool"]
