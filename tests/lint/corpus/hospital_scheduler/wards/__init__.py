"""Scheduling of operating theatres, beds and staff."""

from .engine import durable_flow, remote_call

__all__ = ["durable_flow", "remote_call"]
