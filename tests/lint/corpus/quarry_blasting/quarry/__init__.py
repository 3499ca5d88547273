from . import blast, plan

__all__ = ["blast", "plan"]
