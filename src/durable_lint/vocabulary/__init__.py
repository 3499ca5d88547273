"""What the checker knows about code that it does not read: the standard library and packages."""

from durable_lint.vocabulary.entry import Arguments, Entry, When
from durable_lint.vocabulary.vocabulary import Vocabulary

__all__ = ["Arguments", "Entry", "Vocabulary", "When"]
