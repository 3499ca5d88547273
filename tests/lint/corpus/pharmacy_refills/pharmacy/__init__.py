"""Repeat prescriptions: refills, stock of the shelf, counselling."""

from .entities import Shelf, Patient
from .refills import refill, recall_batch

__all__ = ["Patient", "Shelf", "recall_batch", "refill"]
