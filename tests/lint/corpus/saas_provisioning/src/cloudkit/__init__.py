"""Tenants: from sign-up to decommissioning."""

from durable_async import activity as task
from durable_async import orchestrator as flow

from .naming import slug, unique_name

__all__ = ["flow", "slug", "task", "unique_name"]
