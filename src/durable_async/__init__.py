"""Durable execution for Python: ordinary asyncio code that survives crashes."""

__version__ = "0.1.0"
