"""Inspection kinds; importing the package registers them."""
from . import body, engine
from .base import Inspection, create

__all__ = ["Inspection", "create", "body", "engine"]
