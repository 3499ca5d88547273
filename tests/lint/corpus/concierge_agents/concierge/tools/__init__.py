from .registry import ToolRegistry, registry
from . import calendar as _calendar, lookup as _lookup  # noqa: F401 - they register themselves

__all__ = ["ToolRegistry", "registry"]
