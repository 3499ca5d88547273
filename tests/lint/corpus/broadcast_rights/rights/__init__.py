"""Rights of films and matches: who may show what, where, until when."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("rights")
except PackageNotFoundError:
    __version__ = "0"

from ._flow import flow, step
from .windows import Territory, Window

__all__ = ["Territory", "Window", "flow", "step"]
