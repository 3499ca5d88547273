from .lots import Bid, Lot
from .rounds import english, sealed

__all__ = ["Bid", "Lot", "english", "sealed"]
