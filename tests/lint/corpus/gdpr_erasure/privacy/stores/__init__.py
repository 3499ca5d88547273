from __future__ import annotations

from .base import Registry, Store, StoreError
from .blobs import BlobStore
from .relational import CrmStore, OrderStore

registry = Registry()
registry.register("crm", CrmStore)
registry.register("orders", OrderStore)
registry.register("blobs", BlobStore)

__all__ = ["BlobStore", "CrmStore", "OrderStore", "Registry", "Store", "StoreError", "registry"]
