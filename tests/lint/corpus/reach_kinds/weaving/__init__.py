"""Re-exports what the flows use."""

from .dunders import Bolt
from .inner import *
from .wrapping import counted as measured

__all__ = ["Bolt", "measured", "spool"]
