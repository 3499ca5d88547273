"""Irregular operations: rebooks passengers of cancelled flights."""

from .handlers import BaseHandler, FamilyHandler, LoungeMixin
from .orchestration import handle_cancellation, monitor_hub

__all__ = ["BaseHandler", "FamilyHandler", "LoungeMixin", "handle_cancellation", "monitor_hub"]
