from .deep import spool

__all__ = ["spool"]
