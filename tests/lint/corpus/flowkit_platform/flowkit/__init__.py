"""flowkit: what the platform team gives to every service that writes durable flows."""

from .bus import Bus, subscribe
from .context import request_context, tenant
from .decorators import audited, guarded, memoised
from .registry import Registry, registry

__version__ = "3.4.0"
__all__ = ["Bus", "Registry", "audited", "guarded", "memoised", "registry", "request_context", "subscribe", "tenant"]
