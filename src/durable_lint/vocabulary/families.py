"""All that the checker knows about libraries, in one tuple; later families may add to earlier ones."""

from typing import Final

from durable_lint.vocabulary.family import Family
from durable_lint.vocabulary.seed import SEED

__all__ = ["FAMILIES"]

FAMILIES: Final[tuple[Family, ...]] = (SEED,)
