from filmdist.rights import Window, clear
from filmdist.delivery.packages import Package

__all__ = ["Package", "Window", "clear"]
