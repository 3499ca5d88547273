"""The workflows of the contract review; import them from here."""

from .batch import BatchReview
from .document import DocumentReview

__all__ = ["BatchReview", "DocumentReview"]
