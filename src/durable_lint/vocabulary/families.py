"""All that the checker knows about libraries; later families may add to earlier ones."""

from typing import Final

from durable_lint.vocabulary.family import Family
from durable_lint.vocabulary.seed import SEED
from durable_lint.vocabulary.stdlib_types import BASES, RESULTS

__all__ = ["FAMILIES"]

FAMILIES: Final[tuple[Family, ...]] = (Family(results=RESULTS, bases=BASES), SEED)
