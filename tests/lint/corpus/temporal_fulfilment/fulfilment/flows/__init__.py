from .base import OrderFlow
from .parcel import ParcelOrder
from .pickup import PickupOrder

ALL_WORKFLOWS = [ParcelOrder, PickupOrder]
__all__ = ["ALL_WORKFLOWS", "OrderFlow", "ParcelOrder", "PickupOrder"]
