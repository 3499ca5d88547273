"""Stock keeping."""

from .levels import Stock, StockError
from .locations import *

__all__ = ["Stock", "StockError", "Shelf"]
