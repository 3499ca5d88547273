"""Tariff rules, and what they are made from."""

from .origin import preferential_origin
from .tariffs import Tariff, duty_for

__all__ = ["Tariff", "duty_for", "preferential_origin"]
