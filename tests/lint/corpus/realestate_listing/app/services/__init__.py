from .notify import Notifier
from .photos import PhotoStore
from .portal import PortalClient

__all__ = ["Notifier", "PhotoStore", "PortalClient"]
