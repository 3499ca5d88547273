from ._elastic import write_product
from ._shop import ShopSink as Sink

__all__ = ["Sink", "write_product"]
