"""Small helpers used all over the shop."""

from .clock import business_date, elapsed
from .clock import stamp as audit_stamp
from .ids import *

__all__ = ["audit_stamp", "business_date", "elapsed", "order_reference", "stable_reference"]
