"""Customs clearing for ocean and air freight."""

from clearing.declarations import clear_shipment, follow_vessel

__all__ = ["clear_shipment", "follow_vessel"]
