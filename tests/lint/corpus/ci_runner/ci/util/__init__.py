from .decorators import deprecated, logged, memoized, traced
from .shell import Command, quote_all, which
from .stats import Stopwatch, percentile

__all__ = ["Command", "Stopwatch", "deprecated", "logged", "memoized", "percentile", "quote_all", "traced", "which"]
