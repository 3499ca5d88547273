"""Order fulfilment: allocation, picking, shipping.

Only the names below are stable; everything else may move.
"""

from .domain import Allocation, Carrier, Line, Order, OrderId, Shipment, Sku
from .services import AllocationService, ShippingService
from .workflows import fulfil_order, nightly_restock, restock_sku

__all__ = [
    "Allocation",
    "AllocationService",
    "Carrier",
    "Line",
    "Order",
    "OrderId",
    "Shipment",
    "ShippingService",
    "Sku",
    "fulfil_order",
    "nightly_restock",
    "restock_sku",
]
