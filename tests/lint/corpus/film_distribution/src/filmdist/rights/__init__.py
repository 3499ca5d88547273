from ._windows import Window, overlapping
from ._clear import clear

__all__ = ["Window", "clear", "overlapping"]
