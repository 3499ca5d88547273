"""Ordering for the three Osteria Levante restaurants."""
from .flows import close_day, place_order, reserve_table
from .models import Order, Receipt

__all__ = ["Order", "Receipt", "close_day", "place_order", "reserve_table"]
