"""Things every app uses."""
try:
    from ._fast import slugify
except ImportError:
    from ._slow import slugify

from .deps import Container, provide
from .timing import timed, with_deadline

__all__ = ["Container", "provide", "slugify", "timed", "with_deadline"]
