"""A little functional toolbox."""

from .combinators import compose, curry2, pipe, tap, unless
from .folds import count_by, fold, group, ranked, scan, windowed

__all__ = ["compose", "count_by", "curry2", "fold", "group", "pipe", "ranked", "scan", "tap", "unless", "windowed"]
