from .base import BaseHandler
from .concrete import BusinessHandler, FamilyHandler, UnaccompaniedMinorHandler
from .mixins import AuditMixin, LoungeMixin

__all__ = [
    "AuditMixin",
    "BaseHandler",
    "BusinessHandler",
    "FamilyHandler",
    "LoungeMixin",
    "UnaccompaniedMinorHandler",
]
