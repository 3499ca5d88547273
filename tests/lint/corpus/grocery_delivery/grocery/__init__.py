"""Same-day grocery delivery: picking, substitution, routing, doorstep."""

from .flows import deliver_basket, restock_store
from .models import Basket, Line, PickList

__all__ = ["Basket", "Line", "PickList", "deliver_basket", "restock_store"]
