from .engine import flow

__all__ = ["flow"]
