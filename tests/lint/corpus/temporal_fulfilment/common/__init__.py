"""Shared by all logistics services."""

from .clock import business_day, next_cutoff
from .ids import label_code, order_key, tracking_number
from .money import convert, total

__all__ = ["business_day", "convert", "label_code", "next_cutoff", "order_key", "total", "tracking_number"]
