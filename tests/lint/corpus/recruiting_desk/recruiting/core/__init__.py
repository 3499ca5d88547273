from .decorators import Measured, announced, shielded
from .wiring import Container, provide

__all__ = ("Container", "Measured", "announced", "provide", "shielded")
