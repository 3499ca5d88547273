"""Number porting between carriers."""

from .states import PortingState as PortingState

try:
    from ._fastcrc import crc
except ImportError:
    from .fallback import crc

__all__ = ["PortingState", "crc"]
