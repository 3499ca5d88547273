"""Order handling for the storefront."""

from .flows.checkout import checkout_order
from .flows.returns import handle_return

__all__ = ["checkout_order", "handle_return"]
